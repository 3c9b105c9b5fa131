import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('placement', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='placement.order')),
                ('instalment', models.CharField(choices=[('WHOLE', 'All of it|全款'), ('DEPOSIT', 'Deposit|定金'), ('BALANCE', 'Balance|尾款')], default='WHOLE', max_length=10)),
                ('provider', models.CharField(max_length=20)),
                ('idempotency_key', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('INIT', 'Created|已创建'), ('PROCESSING', 'Waiting for the buyer|等待支付'), ('SUCCEEDED', 'Paid|支付成功'), ('FAILED', 'Failed|支付失败'), ('CLOSED', 'Closed|已关闭'), ('QUARANTINED', 'Held for inspection|金额异常待核查')], default='INIT', max_length=12)),
                ('verdict', models.CharField(blank=True, choices=[('', 'None yet|暂无'), ('APPLIED', 'Paid the order|已入账'), ('LATE', 'Came too late, given back|超时支付，已退回'), ('DUPLICATE', 'Paid twice, given back|重复支付，已退回'), ('QUARANTINED', 'Wrong amount, held|金额不符，已冻结'), ('WRONG', 'Wrong amount, given back|金额不符，已退回')], default='', max_length=12)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('captured_fen', models.PositiveBigIntegerField(default=0)),
                ('refunded_fen', models.PositiveBigIntegerField(default=0)),
                ('provider_transaction', models.CharField(blank=True, default='', max_length=64)),
                ('params', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('captured_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['INIT', 'PROCESSING'])), fields=['next_attempt_at'], name='payments_payment_to_ask')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('verdict', 'APPLIED')), fields=('order', 'instalment'), name='payments_payment_one_success_per_instalment'), models.UniqueConstraint(condition=models.Q(('state__in', ['INIT', 'PROCESSING'])), fields=('order', 'instalment', 'provider'), name='payments_payment_one_open_per_provider'), models.UniqueConstraint(fields=('order', 'idempotency_key'), name='payments_payment_once_per_key'), models.CheckConstraint(condition=models.Q(('instalment__in', ['WHOLE', 'DEPOSIT', 'BALANCE'])), name='payments_payment_instalment_is_known'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='payments_payment_amount_is_positive'), models.CheckConstraint(condition=models.Q(('refunded_fen__lte', models.F('captured_fen'))), name='payments_payment_refunds_within_capture'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'APPLIED'), _negated=True), ('captured_fen', models.F('amount_fen')), _connector='OR'), name='payments_payment_applied_is_exact'), models.CheckConstraint(condition=models.Q(models.Q(('captured_at__isnull', False), ('state', 'SUCCEEDED')), models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), ('captured_at__isnull', True)), _connector='OR'), name='payments_payment_captured_has_instant'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUCCEEDED'), ('verdict__in', ['APPLIED', 'LATE', 'DUPLICATE', 'WRONG'])), models.Q(('state', 'QUARANTINED'), ('verdict', 'QUARANTINED')), models.Q(models.Q(('state__in', ['SUCCEEDED', 'QUARANTINED']), _negated=True), ('verdict', '')), _connector='OR'), name='payments_payment_captured_has_verdict')],
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('event_id', models.CharField(max_length=64)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='payments.payment')),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'event_id'), name='payments_providerevent_once')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.payment')),
                ('reason', models.CharField(choices=[('ORDER_CANCELLED', 'The order was cancelled|订单取消'), ('LATE_PAYMENT', 'The payment came too late|超时支付'), ('DUPLICATE_PAYMENT', 'The order was paid twice|重复支付'), ('WRONG_AMOUNT', 'The amount was wrong|金额不符'), ('SELLER_DEFAULT', 'The shop cannot deliver|商家无法履约'), ('COMPENSATION', 'Compensation by the shop|商家赔付'), ('TEAM_FAILED', 'The team did not fill|拼团未成功')], max_length=20)),
                ('state', models.CharField(choices=[('REQUESTED', 'Requested|已申请'), ('SUCCEEDED', 'Refunded|已退款'), ('PARKED', 'Waits for a person|等待人工处理')], default='REQUESTED', max_length=10)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('requested_at', models.DateTimeField()),
                ('refunded_at', models.DateTimeField(blank=True, null=True)),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'REQUESTED')), fields=['next_attempt_at'], name='payments_refund_due')],
                'constraints': [models.UniqueConstraint(fields=('payment', 'reason'), name='payments_refund_once_per_reason'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='payments_refund_amount_is_positive'), models.CheckConstraint(condition=models.Q(models.Q(('refunded_at__isnull', False), ('state', 'SUCCEEDED')), models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), ('refunded_at__isnull', True)), _connector='OR'), name='payments_refund_succeeded_has_instant')],
            },
        ),
    ]
