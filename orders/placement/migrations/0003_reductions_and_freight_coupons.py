"""Lines may be reduced by their shop, and freight by a coupon: what it cost and what was paid."""

import django.db.models.deletion
from django.db import migrations, models

# Until now nothing was ever taken off freight.
FEES = "UPDATE placement_orderline SET freight_fee_fen = freight_fen"


class Migration(migrations.Migration):

    dependencies = [
        ('coupons', '0003_freight_coupons'),
        ('placement', '0002_order_numbers'),
        ('reductions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='linediscount',
            name='reduction',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reductions.shopreduction'),
        ),
        migrations.AddField(
            model_name='orderline',
            name='freight_fee_fen',
            field=models.PositiveBigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(FEES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='linediscount',
            name='batch',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponbatch'),
        ),
        migrations.AlterField(
            model_name='linediscount',
            name='coupon_reference',
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name='linediscount',
            index=models.Index(condition=models.Q(('reduction__isnull', False)), fields=['reduction'], name='placement_linediscount_reduced'),
        ),
        migrations.RemoveConstraint(
            model_name='linediscount',
            name='placement_linediscount_funder_is_there_once',
        ),
        migrations.AddConstraint(
            model_name='linediscount',
            constraint=models.UniqueConstraint(fields=('line', 'kind', 'funder'), name='placement_linediscount_funder_is_there_once'),
        ),
        migrations.AddConstraint(
            model_name='linediscount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('coupon_reference', None), ('kind', 'SHOP_REDUCTION'), ('reduction__isnull', False)), models.Q(('batch__isnull', False), ('coupon_reference__isnull', False), ('kind__in', ('SHOP_COUPON', 'PLATFORM_COUPON', 'SHOP_FREIGHT', 'PLATFORM_FREIGHT')), ('reduction', None)), _connector='OR'), name='placement_linediscount_source_fits_the_kind'),
        ),
        migrations.AddConstraint(
            model_name='linediscount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('SHOP_REDUCTION', 'SHOP_COUPON', 'SHOP_FREIGHT')), _negated=True), ('funder', 'SHOP'), _connector='OR'), name='placement_linediscount_shops_bear_their_own'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('freight_fen__lte', models.F('freight_fee_fen'))), name='placement_orderline_freight_within_fee'),
        ),
    ]
