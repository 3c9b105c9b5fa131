import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('activities', '0001_initial'),
        ('placement', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PresaleTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.activity')),
                ('kind', models.CharField(max_length=10)),
                ('state', models.CharField(default='OPEN', max_length=10)),
                ('ship_from', models.DateTimeField()),
                ('ship_until', models.DateTimeField()),
                ('balance_from', models.DateTimeField(null=True)),
                ('balance_until', models.DateTimeField(null=True)),
                ('forecast_g', models.BigIntegerField(null=True)),
                ('factor_bp', models.PositiveIntegerField(null=True)),
                ('pieces', models.BigIntegerField()),
                ('piece_net_g', models.BigIntegerField()),
                ('default_rule', models.CharField(max_length=10)),
                ('compensation_fen', models.BigIntegerField()),
                ('default_reason', models.CharField(blank=True, default='', max_length=200)),
                ('defaulted_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='presales_presaleterms_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('balance_from', None), ('balance_until', None), ('kind', 'FULL_PAY')), models.Q(('balance_from__isnull', False), ('balance_until__gt', models.F('balance_from')), ('kind', 'DEPOSIT'), ('ship_from__gte', models.F('balance_from'))), _connector='OR'), name='presales_presaleterms_balance_belongs_to_deposits'), models.CheckConstraint(condition=models.Q(('ship_from__lt', models.F('ship_until'))), name='presales_presaleterms_shipping_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('factor_bp', None), ('forecast_g', None)), models.Q(('factor_bp__range', (1, 10000)), ('forecast_g__gt', 0), django.db.models.lookups.GreaterThanOrEqual(django.db.models.expressions.CombinedExpression(models.F('forecast_g'), '*', models.F('factor_bp')), django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('pieces'), '*', models.F('piece_net_g')), '*', models.Value(10000)))), _connector='OR'), name='presales_presaleterms_promises_within_forecast'), models.CheckConstraint(condition=models.Q(('piece_net_g__gte', 0), ('pieces__gte', 1)), name='presales_presaleterms_pieces_weigh_something'), models.CheckConstraint(condition=models.Q(models.Q(('compensation_fen__gte', 1), ('default_rule', 'DOUBLE'), ('kind', 'DEPOSIT')), models.Q(('compensation_fen__gte', 0), ('default_rule', 'SINGLE')), _connector='OR'), name='presales_presaleterms_double_is_for_deposits'), models.CheckConstraint(condition=models.Q(models.Q(('defaulted_at', None), ('settled_at', None), ('state', 'OPEN')), models.Q(('defaulted_at__isnull', False), ('settled_at', None), ('state', 'DEFAULTED')), models.Q(('defaulted_at__isnull', False), ('settled_at__isnull', False), ('state', 'SETTLED')), _connector='OR'), name='presales_presaleterms_default_has_its_time'), models.CheckConstraint(condition=models.Q(('state', 'DEFAULTED'), ('next_attempt_at', None), _connector='OR'), name='presales_presaleterms_only_defaulted_ones_are_due')],
            },
        ),
        migrations.CreateModel(
            name='Preorder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='placement.order')),
                ('terms', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='preorders', to='presales.presaleterms')),
                ('state', models.CharField(max_length=12)),
                ('quantity', models.PositiveIntegerField()),
                ('ship_from', models.DateTimeField()),
                ('ship_until', models.DateTimeField()),
                ('compensation_fen', models.PositiveBigIntegerField()),
                ('created_at', models.DateTimeField()),
                ('deposit_at', models.DateTimeField(null=True)),
                ('paid_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('spared_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['terms', 'state', 'id'], name='presales_preorder_of_terms'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='presales_preorder_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['WHOLE_DUE', 'DEPOSIT_DUE', 'DEPOSIT_PAID', 'BALANCE_DUE', 'PAID', 'TO_SHIP', 'FORFEITED', 'REFUNDED', 'CANCELLED'])), name='presales_preorder_state_is_known'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='presales_preorder_quantity_is_positive'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('DEPOSIT_PAID', 'BALANCE_DUE', 'FORFEITED')), _negated=True), models.Q(('deposit_at__isnull', False), ('paid_at', None)), _connector='OR'), name='presales_preorder_held_has_its_deposit'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('WHOLE_DUE', 'DEPOSIT_DUE', 'CANCELLED')), _negated=True), models.Q(('deposit_at', None), ('paid_at', None)), _connector='OR'), name='presales_preorder_due_is_unpaid'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('PAID', 'TO_SHIP')), _negated=True), ('paid_at__isnull', False), _connector='OR'), name='presales_preorder_paid_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'REFUNDED'), _negated=True), ('deposit_at__isnull', False), ('paid_at__isnull', False), _connector='OR'), name='presales_preorder_refunded_was_paid'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('next_attempt_at', None), ('state__in', ('FORFEITED', 'REFUNDED', 'CANCELLED'))), models.Q(models.Q(('state__in', ('FORFEITED', 'REFUNDED', 'CANCELLED')), _negated=True), ('ended_at', None)), _connector='OR'), name='presales_preorder_over_has_its_time'), models.CheckConstraint(condition=models.Q(('spared_at', None), ('state__in', ('PAID', 'TO_SHIP')), _connector='OR'), name='presales_preorder_spared_goes_its_way')],
            },
        ),
    ]
