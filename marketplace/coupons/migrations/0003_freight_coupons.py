"""Coupons may take something off the freight only."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coupons', '0002_funding_is_whole'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='couponbatch',
            name='coupons_couponbatch_terms_fit_the_kind',
        ),
        migrations.AlterField(
            model_name='couponbatch',
            name='kind',
            field=models.CharField(choices=[('FULL_REDUCTION', 'Money off above a threshold|满减'), ('DIRECT', 'Money off|直减'), ('DISCOUNT', 'Percentage off, capped|折扣'), ('FREIGHT', 'Off the freight only|运费券')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='couponbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='XOR'), ('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind', 'FULL_REDUCTION'), ('max_discount_fen__isnull', True)), models.Q(('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind', 'DIRECT'), ('max_discount_fen__isnull', True), ('threshold_fen__isnull', True), ('threshold_pieces__isnull', True)), models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='OR'), ('amount_fen__isnull', True), ('discount_bp__isnull', False), ('kind', 'DISCOUNT'), ('max_discount_fen__isnull', False)), models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='OR'), ('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind', 'FREIGHT'), ('max_discount_fen__isnull', True)), _connector='OR'), name='coupons_couponbatch_terms_fit_the_kind'),
        ),
    ]
