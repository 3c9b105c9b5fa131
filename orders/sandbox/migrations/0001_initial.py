import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Charge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk', models.CharField(max_length=20)),
                ('merchant_reference', models.CharField(max_length=64)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('notify_url', models.CharField(max_length=500)),
                ('state', models.CharField(choices=[('OPEN', 'Open|待支付'), ('CAPTURED', 'Captured|已支付'), ('CLOSED', 'Closed|已关闭')], default='OPEN', max_length=10)),
                ('transaction', models.CharField(default='', max_length=40)),
                ('refunded_fen', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('captured_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('desk', 'merchant_reference'), name='sandbox_provider_charge_once_per_reference'), models.CheckConstraint(condition=models.Q(('refunded_fen__lte', models.F('amount_fen'))), name='sandbox_provider_charge_refunds_within_amount'), models.CheckConstraint(condition=models.Q(models.Q(('captured_at__isnull', False), ('state', 'CAPTURED')), models.Q(models.Q(('state', 'CAPTURED'), _negated=True), ('captured_at__isnull', True)), _connector='OR'), name='sandbox_provider_charge_captured_has_instant')],
            },
        ),
        migrations.CreateModel(
            name='ChargeRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='sandbox_provider.charge')),
                ('merchant_reference', models.CharField(max_length=64, unique=True)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('is_on_top', models.BooleanField(default=False)),
                ('refunded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='sandbox_provider_chargerefund_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='sandbox_provider.charge')),
                ('event_id', models.CharField(max_length=40)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['due_at'], name='sandbox_provider_notice_owed')],
            },
        ),
    ]
