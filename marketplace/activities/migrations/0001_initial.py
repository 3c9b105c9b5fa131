import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_initial'),
        ('quotas', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('FLASH', 'Flash sale|秒杀'), ('GROUP', 'Group buy|拼团'), ('PRESALE', 'Pre-sale|预售'), ('PRICE', 'Campaign price|活动价')], max_length=10)),
                ('state', models.CharField(choices=[('SCHEDULED', 'Scheduled|未开始'), ('RUNNING', 'Running|进行中'), ('ENDED', 'Ended|已结束')], default='SCHEDULED', editable=False, max_length=10)),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.sku')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('price_fen', models.BigIntegerField()),
                ('list_price_fen', models.BigIntegerField()),
                ('quantity', models.BigIntegerField()),
                ('returned', models.BigIntegerField(default=0)),
                ('per_user_limit', models.PositiveIntegerField(null=True)),
                ('deposit_fen', models.BigIntegerField(null=True)),
                ('deposit_worth_fen', models.BigIntegerField(null=True)),
                ('quota', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('campaign_reference', models.UUIDField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['shop', '-created_at', '-id'], name='activities_activity_of_shop'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='activities_activity_due'), models.Index(condition=models.Q(('state__in', ('SCHEDULED', 'RUNNING'))), fields=['ends_at'], name='activities_activity_live'), models.Index(condition=models.Q(('campaign_reference__isnull', False)), fields=['campaign_reference'], name='activities_activity_campaign'), models.Index(condition=models.Q(('kind', 'FLASH'), ('state__in', ('SCHEDULED', 'RUNNING'))), fields=['starts_at', 'id'], name='activities_activity_flash_live')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ('SCHEDULED', 'RUNNING'))), expressions=[(models.Func(models.F('sku'), models.F('sku'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange'), '&&')], name='activities_activity_one_price_at_an_instant'), models.UniqueConstraint(condition=models.Q(('kind', 'FLASH'), ('state__in', ('SCHEDULED', 'RUNNING'))), fields=('product',), name='activities_activity_one_flash_sale_per_product'), models.CheckConstraint(condition=models.Q(('ends_at__lte', models.F('closes_at')), ('starts_at__lt', models.F('ends_at'))), name='activities_activity_window_is_forward'), models.CheckConstraint(condition=models.Q(('price_fen__gte', 1), ('price_fen__lt', models.F('list_price_fen'))), name='activities_activity_price_is_below_list'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('returned__gte', 0), ('returned__lte', models.F('quantity'))), name='activities_activity_pieces_return_once'), models.CheckConstraint(condition=models.Q(('per_user_limit', None), ('per_user_limit__gte', 1), _connector='OR'), name='activities_activity_limit_is_positive'), models.CheckConstraint(condition=models.Q(models.Q(('deposit_fen', None), ('deposit_worth_fen', None)), models.Q(('deposit_fen__gte', 1), ('deposit_worth_fen__gte', models.F('deposit_fen')), ('deposit_worth_fen__lte', models.F('price_fen')), ('kind', 'PRESALE')), _connector='OR'), name='activities_activity_deposit_belongs_to_presales'), models.CheckConstraint(condition=models.Q(('deposit_fen', None), ('price_fen__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('deposit_worth_fen'), '-', models.F('deposit_fen')), '+', django.db.models.expressions.CombinedExpression(models.F('deposit_fen'), '*', models.Value(5)))), _connector='OR'), name='activities_activity_deposit_is_a_fifth_at_most'), models.CheckConstraint(condition=models.Q(('kind__in', ['FLASH', 'GROUP', 'PRESALE', 'PRICE'])), name='activities_activity_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ENDED')), models.Q(('ended_at', None), ('state__in', ('SCHEDULED', 'RUNNING'))), _connector='OR'), name='activities_activity_ended_has_its_instant')],
            },
        ),
        migrations.CreateModel(
            name='ActivityBuyer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='buyers', to='activities.activity')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('bought', models.PositiveIntegerField()),
                ('allowed', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('activity', 'user'), name='activities_activitybuyer_counted_once'), models.CheckConstraint(condition=models.Q(('bought__lte', models.F('allowed'))), name='activities_activitybuyer_never_above_the_limit')],
            },
        ),
    ]
