import core.accounts.sealing
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalogue', '0001_initial'),
        ('quotas', '0001_initial'),
        ('sections', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CouponBudget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('funder', models.CharField(choices=[('PLATFORM', 'Platform|平台'), ('GOVERNMENT', 'Government|政府'), ('PARTNER', 'Partner|合作方'), ('HOST', 'Live host|主播'), ('SHOP', 'Shop|商家')], max_length=12)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('quota', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
                ('daily_cap_fen', models.BigIntegerField(null=True)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['-opened_at', '-id'], name='coupons_couponbudget_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('funder__in', ('PLATFORM', 'GOVERNMENT', 'PARTNER'))), name='coupons_couponbudget_is_never_of_a_shop'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='coupons_couponbudget_has_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('funder__in', ('GOVERNMENT', 'PARTNER')), _negated=True), ('organisation__isnull', False), _connector='OR'), name='coupons_couponbudget_foreign_money_has_an_owner'), models.CheckConstraint(condition=models.Q(('daily_cap_fen__isnull', True), ('daily_cap_fen__gt', 0), _connector='OR'), name='coupons_couponbudget_cap_is_of_something')],
            },
        ),
        migrations.CreateModel(
            name='BudgetDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('budget', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='coupons.couponbudget')),
                ('day', models.DateField()),
                ('quota', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('budget', 'day'), name='coupons_budgetday_opened_once')],
            },
        ),
        migrations.CreateModel(
            name='CouponBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('issuer', models.CharField(choices=[('PLATFORM', 'Platform coupon|平台券'), ('SHOP', 'Shop coupon|店铺券')], max_length=10)),
                ('issuer_shop', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('kind', models.CharField(choices=[('FULL_REDUCTION', 'Money off above a threshold|满减'), ('DIRECT', 'Money off|直减'), ('DISCOUNT', 'Percentage off, capped|折扣'), ('FREIGHT', 'Off the freight only|运费券'), ('NEW_USER', 'Money off for new users|新人券')], max_length=16)),
                ('commit_mode', models.CharField(choices=[('AT_CLAIM', 'Set aside when claimed|领取时锁定预算'), ('AT_USE', 'Set aside when used|使用时锁定预算')], max_length=10)),
                ('threshold_fen', models.BigIntegerField(null=True)),
                ('threshold_pieces', models.IntegerField(null=True)),
                ('amount_fen', models.BigIntegerField(null=True)),
                ('discount_bp', models.IntegerField(null=True)),
                ('max_discount_fen', models.BigIntegerField(null=True)),
                ('quota', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
                ('per_user_limit', models.IntegerField()),
                ('claim_from', models.DateTimeField()),
                ('claim_until', models.DateTimeField()),
                ('use_from', models.DateTimeField(null=True)),
                ('use_until', models.DateTimeField(null=True)),
                ('days_after_claim', models.IntegerField(null=True)),
                ('allow_on_activity_price', models.BooleanField(default=False)),
                ('by_code', models.BooleanField(default=False)),
                ('grace_hours_on_return', models.IntegerField(default=0)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft|草稿'), ('REVIEW', 'In review|审核中'), ('ACTIVE', 'Running|进行中'), ('PAUSED', 'Paused|已暂停'), ('ENDED', 'Ended|已结束'), ('CLOSED', 'Closed|已关闭'), ('REJECTED', 'Rejected|已驳回')], default='DRAFT', max_length=10)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_worst_fen', models.BigIntegerField(null=True)),
                ('needs_second_officer', models.BooleanField(default=False)),
                ('ended_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-created_at', '-id'], name='coupons_couponbatch_newest'), models.Index(condition=models.Q(('voided_at__isnull', False)), fields=['id'], name='coupons_couponbatch_voided'), models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['claim_until', 'id'], name='coupons_couponbatch_running')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('issuer', 'SHOP'), ('issuer_shop__isnull', False)), models.Q(('issuer', 'PLATFORM'), ('issuer_shop__isnull', True)), _connector='OR'), name='coupons_couponbatch_shop_issues_its_own'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='XOR'), ('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind', 'FULL_REDUCTION'), ('max_discount_fen__isnull', True)), models.Q(('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind', 'DIRECT'), ('max_discount_fen__isnull', True), ('threshold_fen__isnull', True), ('threshold_pieces__isnull', True)), models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='OR'), ('amount_fen__isnull', True), ('discount_bp__isnull', False), ('kind', 'DISCOUNT'), ('max_discount_fen__isnull', False)), models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='OR'), ('amount_fen__isnull', False), ('discount_bp__isnull', True), ('kind__in', ('FREIGHT', 'NEW_USER')), ('max_discount_fen__isnull', True)), _connector='OR'), name='coupons_couponbatch_terms_fit_the_kind'), models.CheckConstraint(condition=models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_fen__gt', 0), _connector='OR'), models.Q(('threshold_pieces__isnull', True), ('threshold_pieces__gt', 0), _connector='OR'), models.Q(('amount_fen__isnull', True), ('amount_fen__gt', 0), _connector='OR'), models.Q(('discount_bp__isnull', True), models.Q(('discount_bp__gt', 0), ('discount_bp__lte', 10000)), _connector='OR'), models.Q(('max_discount_fen__isnull', True), ('max_discount_fen__gt', 0), _connector='OR'), models.Q(('days_after_claim__isnull', True), ('days_after_claim__gt', 0), _connector='OR'), ('per_user_limit__gt', 0)), name='coupons_couponbatch_figures_are_positive'), models.CheckConstraint(condition=models.Q(('commit_mode__in', ['AT_CLAIM', 'AT_USE'])), name='coupons_couponbatch_commits_at_a_known_time'), models.CheckConstraint(condition=models.Q(('voided_at__isnull', True), ('state', 'CLOSED'), _connector='OR'), name='coupons_couponbatch_voided_is_closed'), models.CheckConstraint(condition=models.Q(('grace_hours_on_return__gte', 0), ('grace_hours_on_return__lte', 168)), name='coupons_couponbatch_grace_is_a_week_at_most'), models.CheckConstraint(condition=models.Q(('by_code', False), ('issuer', 'PLATFORM'), _connector='OR'), name='coupons_couponbatch_codes_are_of_the_platform'), models.CheckConstraint(condition=models.Q(('claim_from__lt', models.F('claim_until'))), name='coupons_couponbatch_claim_window_is_forward'), models.CheckConstraint(condition=models.Q(('use_from__isnull', True), ('use_until__isnull', True), ('use_from__lt', models.F('use_until')), _connector='OR'), name='coupons_couponbatch_use_window_is_forward'), models.CheckConstraint(condition=models.Q(('use_until__isnull', True), ('use_until__gte', models.F('claim_until')), _connector='OR'), name='coupons_couponbatch_use_never_ends_before_claims'), models.CheckConstraint(condition=models.Q(('use_until__isnull', False), ('days_after_claim__isnull', False), _connector='OR'), name='coupons_couponbatch_coupons_always_end'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('DRAFT',)), ('submitted_at__isnull', True)), models.Q(models.Q(('state__in', ('DRAFT',)), _negated=True), ('submitted_at__isnull', False)), _connector='OR'), name='coupons_couponbatch_submitted_unless_draft'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('state__in', ('DRAFT', 'REVIEW', 'REJECTED'))), models.Q(models.Q(('state__in', ('DRAFT', 'REVIEW', 'REJECTED')), _negated=True), ('approved_at__isnull', False)), _connector='OR'), name='coupons_couponbatch_approved_before_it_runs'), models.CheckConstraint(condition=models.Q(('needs_second_officer', False), models.Q(('approved_by__isnull', False), ('approved_worst_fen__isnull', False), models.Q(('created_by', None), models.Q(('approved_by', models.F('created_by')), _negated=True), _connector='OR'), models.Q(('edited_by', None), models.Q(('approved_by', models.F('edited_by')), _negated=True), _connector='OR')), _connector='OR'), name='coupons_couponbatch_large_ones_are_seen_by_two'), models.CheckConstraint(condition=models.Q(('approved_at__isnull', False), models.Q(('approved_by', None), ('approved_worst_fen', None), ('needs_second_officer', False)), _connector='OR'), name='coupons_couponbatch_who_approved_is_dated'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ('ENDED', 'CLOSED'))), models.Q(models.Q(('state__in', ('ENDED', 'CLOSED')), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='coupons_couponbatch_end_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='BatchFunding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='funding', to='coupons.couponbatch')),
                ('funder', models.CharField(choices=[('PLATFORM', 'Platform|平台'), ('GOVERNMENT', 'Government|政府'), ('PARTNER', 'Partner|合作方'), ('HOST', 'Live host|主播'), ('SHOP', 'Shop|商家')], max_length=12)),
                ('bp', models.IntegerField()),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='funds', to='coupons.couponbudget')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'funder'), name='coupons_batchfunding_funder_once'), models.CheckConstraint(condition=models.Q(('bp__gt', 0), ('bp__lte', 10000)), name='coupons_batchfunding_is_a_share'), models.CheckConstraint(condition=models.Q(models.Q(('budget__isnull', True), ('funder', 'SHOP')), models.Q(models.Q(('funder', 'SHOP'), _negated=True), ('budget__isnull', False)), _connector='OR'), name='coupons_batchfunding_all_but_shops_have_a_budget')],
            },
        ),
        migrations.CreateModel(
            name='BatchScope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scope', to='coupons.couponbatch')),
                ('by', models.CharField(choices=[('SECTION', 'Section|专区'), ('REGION', 'Place of origin|产地'), ('PROGRAMME', 'Programme|帮扶项目'), ('CATEGORY', 'Category|品类'), ('PRODUCT', 'Product|商品'), ('SHOP', 'Shop|店铺')], max_length=10)),
                ('section', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sections.section')),
                ('region', models.CharField(blank=True, default='', max_length=6)),
                ('programme', models.CharField(blank=True, default='', max_length=50)),
                ('category', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category')),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('shop', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'by', 'section', 'region', 'programme', 'category', 'product', 'shop'), name='coupons_batchscope_never_twice', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('by', 'SECTION'), models.Q(('section__isnull', True), _negated=True), ('region', ''), ('programme', ''), ('category__isnull', True), ('product__isnull', True), ('shop__isnull', True)), models.Q(('by', 'REGION'), ('section__isnull', True), models.Q(('region', ''), _negated=True), ('programme', ''), ('category__isnull', True), ('product__isnull', True), ('shop__isnull', True)), models.Q(('by', 'PROGRAMME'), ('section__isnull', True), ('region', ''), models.Q(('programme', ''), _negated=True), ('category__isnull', True), ('product__isnull', True), ('shop__isnull', True)), models.Q(('by', 'CATEGORY'), ('section__isnull', True), ('region', ''), ('programme', ''), models.Q(('category__isnull', True), _negated=True), ('product__isnull', True), ('shop__isnull', True)), models.Q(('by', 'PRODUCT'), ('section__isnull', True), ('region', ''), ('programme', ''), ('category__isnull', True), models.Q(('product__isnull', True), _negated=True), ('shop__isnull', True)), models.Q(('by', 'SHOP'), ('section__isnull', True), ('region', ''), ('programme', ''), ('category__isnull', True), ('product__isnull', True), models.Q(('shop__isnull', True), _negated=True)), _connector='OR'), name='coupons_batchscope_names_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='BatchShop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shops', to='coupons.couponbatch')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('accepted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'shop'), name='coupons_batchshop_once')],
            },
        ),
        migrations.CreateModel(
            name='CodeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='code_run', to='coupons.couponbatch')),
                ('secret', core.accounts.sealing.SealedTextField()),
                ('state', models.CharField(choices=[('WRITING', 'Being made|生成中'), ('STOPPED', 'Stopped|已停止'), ('WRITTEN', 'Made|已生成')], default='WRITING', max_length=10)),
                ('wanted', models.IntegerField()),
                ('written', models.IntegerField(default=0)),
                ('next_number', models.IntegerField(default=0)),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField()),
                ('written_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'WRITING')), fields=['started_at', 'id'], name='coupons_coderun_to_be_written')],
                'constraints': [models.CheckConstraint(condition=models.Q(('written__gte', 0), ('written__lte', models.F('wanted'))), name='coupons_coderun_never_writes_too_many'), models.CheckConstraint(condition=models.Q(('next_number__gte', models.F('written'))), name='coupons_coderun_numbers_go_on'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'WRITTEN'), ('written', models.F('wanted')), ('written_at__isnull', False)), models.Q(models.Q(('state', 'WRITTEN'), _negated=True), ('written_at__isnull', True)), _connector='OR'), name='coupons_coderun_written_is_whole_and_dated')],
            },
        ),
        migrations.CreateModel(
            name='CouponCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponbatch')),
                ('number', models.IntegerField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='coupons_couponcode_numbered_once'), models.UniqueConstraint(fields=('digest',), name='coupons_couponcode_names_one_batch'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='coupons_couponcode_is_kept_as_a_digest')],
            },
        ),
        migrations.CreateModel(
            name='ClaimCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponbatch')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claimed', models.IntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'user'), name='coupons_claimcount_one_per_person'), models.CheckConstraint(condition=models.Q(('claimed__gt', 0)), name='coupons_claimcount_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='UserCoupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='coupons', to='coupons.couponbatch')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('UNUSED', 'Ready to use|未使用'), ('LOCKED', 'In an unpaid order|已锁定'), ('USED', 'Used|已使用'), ('EXPIRED', 'Expired|已过期'), ('VOIDED', 'Voided|已作废')], default='UNUSED', max_length=10)),
                ('is_for_newcomers', models.BooleanField(default=False)),
                ('code', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponcode')),
                ('claimed_at', models.DateTimeField()),
                ('valid_from', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('order_reference', models.UUIDField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('expired_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-claimed_at', '-id'], name='coupons_usercoupon_wallet'), models.Index(fields=['batch', 'state'], name='coupons_usercoupon_of_batch'), models.Index(condition=models.Q(('order_reference__isnull', False)), fields=['order_reference'], name='coupons_usercoupon_of_order'), models.Index(condition=models.Q(('state', 'UNUSED')), fields=['valid_until', 'id'], name='coupons_usercoupon_runs_out')],
                'constraints': [models.CheckConstraint(condition=models.Q(('claimed_at__lte', models.F('valid_from')), ('valid_from__lt', models.F('valid_until'))), name='coupons_usercoupon_window_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('order_reference__isnull', False), ('state__in', ('LOCKED', 'USED'))), models.Q(models.Q(('state__in', ('LOCKED', 'USED')), _negated=True), ('order_reference__isnull', True)), _connector='OR'), name='coupons_usercoupon_in_an_order_while_locked_or_used'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'USED'), ('used_at__isnull', False)), models.Q(models.Q(('state', 'USED'), _negated=True), ('settled_at__isnull', True), ('used_at__isnull', True)), _connector='OR'), name='coupons_usercoupon_use_is_dated'), models.UniqueConstraint(condition=models.Q(('code__isnull', False)), fields=('code',), name='coupons_usercoupon_code_gives_one'), models.UniqueConstraint(condition=models.Q(('is_for_newcomers', True), ('state__in', ('LOCKED', 'USED'))), fields=('user',), name='coupons_usercoupon_one_first_order'), models.CheckConstraint(condition=models.Q(models.Q(('expired_at__isnull', False), ('state', 'EXPIRED')), models.Q(models.Q(('state', 'EXPIRED'), _negated=True), ('expired_at__isnull', True)), _connector='OR'), name='coupons_usercoupon_expiry_is_dated'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'VOIDED'), ('voided_at__isnull', False)), models.Q(models.Q(('state', 'VOIDED'), _negated=True), ('voided_at__isnull', True)), _connector='OR'), name='coupons_usercoupon_voiding_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='CouponUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('coupon', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='coupons.usercoupon')),
                ('order_reference', models.UUIDField()),
                ('line_reference', models.UUIDField()),
                ('funder', models.CharField(choices=[('PLATFORM', 'Platform|平台'), ('GOVERNMENT', 'Government|政府'), ('PARTNER', 'Partner|合作方'), ('HOST', 'Live host|主播'), ('SHOP', 'Shop|商家')], max_length=12)),
                ('budget', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='coupons.couponbudget')),
                ('amount_fen', models.BigIntegerField()),
                ('used_at', models.DateTimeField()),
                ('reversed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['order_reference'], name='coupons_couponuse_of_order'), models.Index(condition=models.Q(('budget__isnull', False)), fields=['budget', '-used_at', '-id'], name='coupons_couponuse_of_budget')],
                'constraints': [models.UniqueConstraint(fields=('coupon', 'line_reference', 'funder'), name='coupons_couponuse_once_per_line_and_funder'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='coupons_couponuse_is_of_something'), models.CheckConstraint(condition=models.Q(models.Q(('budget__isnull', False), ('funder__in', ('PLATFORM', 'GOVERNMENT', 'PARTNER'))), models.Q(models.Q(('funder__in', ('PLATFORM', 'GOVERNMENT', 'PARTNER')), _negated=True), ('budget__isnull', True)), _connector='OR'), name='coupons_couponuse_budget_pays_its_own_part'), models.CheckConstraint(condition=models.Q(('reversed_at__isnull', True), ('reversed_at__gte', models.F('used_at')), _connector='OR'), name='coupons_couponuse_reversed_after_use')],
            },
        ),
        migrations.CreateModel(
            name='PurchaseCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('orders', models.IntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('orders__gte', 0)), name='coupons_purchasecount_is_never_negative')],
            },
        ),
        migrations.CreateModel(
            name='BudgetReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('budget', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='coupons.couponbudget')),
                ('at', models.DateTimeField()),
                ('total_fen', models.BigIntegerField()),
                ('held_fen', models.BigIntegerField()),
                ('spent_fen', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('budget', 'at'), name='coupons_budgetreading_once_an_instant'), models.CheckConstraint(condition=models.Q(('held_fen__gte', 0), ('spent_fen__gte', 0), ('total_fen__gte', django.db.models.expressions.CombinedExpression(models.F('held_fen'), '+', models.F('spent_fen')))), name='coupons_budgetreading_within_the_total')],
            },
        ),
        migrations.CreateModel(
            name='BatchReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='coupons.couponbatch')),
                ('at', models.DateTimeField()),
                ('claimed', models.BigIntegerField()),
                ('used', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'at'), name='coupons_batchreading_once_an_instant'), models.CheckConstraint(condition=models.Q(('claimed__gte', 0), ('used__gte', 0)), name='coupons_batchreading_counts_are_never_negative')],
            },
        ),
        migrations.CreateModel(
            name='BudgetAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('budget', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='coupons.couponbudget')),
                ('kind', models.CharField(choices=[('HALF', 'Half of it is committed|已使用 50%'), ('MOST', '80 % of it is committed|已使用 80%'), ('NEARLY_ALL', '95 % of it is committed|已使用 95%'), ('ALL', 'All of it is committed|已全部使用'), ('ENDS_EARLY', 'It will end before the claims do|预计提前用完')], max_length=10)),
                ('total_fen', models.BigIntegerField()),
                ('committed_fen', models.BigIntegerField()),
                ('raised_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-raised_at', '-id'], name='coupons_budgetalert_newest')],
                'constraints': [models.UniqueConstraint(fields=('budget', 'kind', 'total_fen'), name='coupons_budgetalert_once_a_total'), models.CheckConstraint(condition=models.Q(('kind__in', ['HALF', 'MOST', 'NEARLY_ALL', 'ALL', 'ENDS_EARLY'])), name='coupons_budgetalert_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ends_at__isnull', False), ('kind', 'ENDS_EARLY')), models.Q(models.Q(('kind', 'ENDS_EARLY'), _negated=True), ('ends_at', None)), _connector='OR'), name='coupons_budgetalert_early_end_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='ClaimRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='coupons.couponbatch')),
                ('day', models.DateField()),
                ('code', models.CharField(max_length=40)),
                ('refused', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'day', 'code'), name='coupons_claimrefusal_once_a_day'), models.CheckConstraint(condition=models.Q(('refused__gt', 0)), name='coupons_claimrefusal_is_of_somebody')],
            },
        ),
    ]
