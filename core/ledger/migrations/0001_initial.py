import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('reference', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'reference'), name='ledger_entry_posted_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', ''), _negated=True), models.Q(('reference', ''), _negated=True)), name='ledger_entry_names_its_fact')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='ledger.entry')),
                ('account', models.CharField(choices=[('PROVIDER_CLEARING', 'Payment provider|支付机构待清算'), ('REFUND_CLEARING', 'Refunds under way|退款待清算'), ('LATE_CLEARING', 'Late and double payments|逾期及重复付款'), ('DEPOSIT_HELD', "Deposits that are nobody's yet|定金待处理"), ('SUBSIDY', 'Subsidy of a budget|补贴'), ('SHOP_PAYABLE', 'Owed to a shop|应付店铺'), ('PLATFORM_REVENUE', 'Revenue of the platform|平台收入')], max_length=20)),
                ('owner', models.CharField(default='', max_length=80)),
                ('amount_fen', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'owner'], include=('amount_fen',), name='ledger_posting_by_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen', 0), _negated=True), name='ledger_posting_moves_something'), models.CheckConstraint(condition=models.Q(('account__in', ['PROVIDER_CLEARING', 'REFUND_CLEARING', 'LATE_CLEARING', 'DEPOSIT_HELD', 'SUBSIDY', 'SHOP_PAYABLE', 'PLATFORM_REVENUE'])), name='ledger_posting_account_is_known')],
            },
        ),
    ]
