import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('STOCK', 'Stock|库存'), ('ACTIVITY', 'Activity places|活动名额'), ('BATCH', 'Coupon pieces|券张数'), ('BUDGET', 'Budget|预算')], max_length=10)),
                ('rank', models.PositiveSmallIntegerField()),
                ('shards', models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'STOCK'), ('rank', 1)), models.Q(('kind', 'ACTIVITY'), ('rank', 2)), models.Q(('kind', 'BATCH'), ('rank', 3)), models.Q(('kind', 'BUDGET'), ('rank', 4)), _connector='OR'), name='quotas_quota_rank_follows_kind'), models.CheckConstraint(condition=models.Q(('shards__gte', 1)), name='quotas_quota_has_a_shard')],
            },
        ),
        migrations.CreateModel(
            name='QuotaShard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quota', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='quotas.quota')),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('total', models.BigIntegerField()),
                ('held', models.BigIntegerField(default=0)),
                ('spent', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('quota', 'number'), name='quotas_quotashard_number_once'), models.CheckConstraint(condition=models.Q(('held__gte', 0)), name='quotas_quotashard_held_is_never_negative'), models.CheckConstraint(condition=models.Q(('spent__gte', 0)), name='quotas_quotashard_spent_is_never_negative'), models.CheckConstraint(condition=models.Q(('total__gte', django.db.models.expressions.CombinedExpression(models.F('held'), '+', models.F('spent')))), name='quotas_quotashard_never_overdrawn')],
            },
        ),
        migrations.CreateModel(
            name='QuotaHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quota', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
                ('shard', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='quotas.quotashard')),
                ('owner', models.CharField(max_length=80)),
                ('held', models.BigIntegerField()),
                ('spent', models.BigIntegerField(default=0)),
                ('returned', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'quota'), name='quotas_quotahold_owner_once_per_quota'), models.CheckConstraint(condition=models.Q(('held__gte', 0)), name='quotas_quotahold_held_is_never_negative'), models.CheckConstraint(condition=models.Q(('spent__gte', 0)), name='quotas_quotahold_spent_is_never_negative'), models.CheckConstraint(condition=models.Q(('returned__gte', 0)), name='quotas_quotahold_returned_is_never_negative'), models.CheckConstraint(condition=models.Q(('held__gt', 0), ('spent__gt', 0), ('returned__gt', 0), _connector='OR'), name='quotas_quotahold_is_of_something')],
            },
        ),
    ]
