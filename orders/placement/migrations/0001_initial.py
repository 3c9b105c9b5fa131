import core.accounts.sealing
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('baskets', '0001_initial'),
        ('catalogue', '0001_initial'),
        ('coupons', '0001_initial'),
        ('reductions', '0001_initial'),
        ('regions', '0001_initial'),
        ('sections', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.CharField(max_length=16, unique=True)),
                ('buyer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to=settings.AUTH_USER_MODEL)),
                ('basket', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='baskets.basket')),
                ('basket_version', models.PositiveBigIntegerField(null=True)),
                ('state', models.CharField(default='PENDING_PAYMENT', max_length=20)),
                ('waits_for', models.CharField(default='', max_length=10)),
                ('goods_fen', models.PositiveBigIntegerField()),
                ('discount_fen', models.PositiveBigIntegerField()),
                ('freight_fen', models.PositiveBigIntegerField()),
                ('payable_fen', models.PositiveBigIntegerField()),
                ('deposit_fen', models.PositiveBigIntegerField(default=0)),
                ('balance_from', models.DateTimeField(null=True)),
                ('balance_until', models.DateTimeField(null=True)),
                ('deposit_paid_at', models.DateTimeField(null=True)),
                ('deposit_through', models.CharField(default='', max_length=20)),
                ('recipient', core.accounts.sealing.SealedTextField()),
                ('phone', core.accounts.sealing.SealedTextField()),
                ('street', core.accounts.sealing.SealedTextField()),
                ('region', models.CharField(max_length=6)),
                ('remark', models.CharField(default='', max_length=200)),
                ('placed_at', models.DateTimeField()),
                ('pay_before', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('paid_at', models.DateTimeField(null=True)),
                ('sold_at', models.DateTimeField(null=True)),
                ('paid_through', models.CharField(default='', max_length=20)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('completed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['buyer', '-placed_at', '-id'], name='placement_order_of_buyer'), models.Index(condition=models.Q(('state', 'PENDING_PAYMENT')), fields=['next_attempt_at', 'id'], name='placement_order_unpaid'), models.Index(condition=models.Q(('paid_at__isnull', False)), fields=['paid_at'], name='placement_order_paid_at'), models.Index(condition=models.Q(('sold_at__isnull', False)), fields=['sold_at'], name='placement_order_sold_at')],
                'constraints': [models.UniqueConstraint(fields=('basket', 'basket_version'), name='placement_order_basket_is_ordered_once'), models.CheckConstraint(condition=models.Q(models.Q(('basket', None), ('basket_version', None)), models.Q(('basket__isnull', False), ('basket_version__isnull', False)), _connector='OR'), name='placement_order_basket_comes_with_version'), models.CheckConstraint(condition=models.Q(('state__in', ['PENDING_PAYMENT', 'PAID', 'COMPLETED', 'CANCELLED', 'CLOSED'])), name='placement_order_state_is_known'), models.CheckConstraint(condition=models.Q(('payable_fen', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('goods_fen'), '-', models.F('discount_fen')), '+', models.F('freight_fen')))), name='placement_order_payable_adds_up'), models.CheckConstraint(condition=models.Q(('discount_fen__lte', models.F('goods_fen'))), name='placement_order_discount_within_goods'), models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('state__in', ('PAID', 'COMPLETED', 'CLOSED'))), models.Q(models.Q(('state__in', ('PAID', 'COMPLETED', 'CLOSED')), _negated=True), ('paid_at', None)), _connector='OR'), name='placement_order_paid_has_its_time'), models.CheckConstraint(condition=models.Q(('waits_for__in', ['', 'TEAM', 'PRESALE'])), name='placement_order_waits_for_something_known'), models.CheckConstraint(condition=models.Q(('sold_at', None), ('paid_at__isnull', False), _connector='OR'), name='placement_order_sold_once_paid'), models.CheckConstraint(condition=models.Q(models.Q(('waits_for', ''), _negated=True), models.Q(('paid_at', None), ('sold_at', None)), models.Q(('paid_at__isnull', False), ('sold_at__isnull', False)), _connector='OR'), name='placement_order_without_waiting_is_sold_by_being_paid'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'COMPLETED'), _negated=True), ('sold_at__isnull', False), _connector='OR'), name='placement_order_completed_was_sold'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('state', 'CANCELLED')), models.Q(models.Q(('state', 'CANCELLED'), _negated=True), ('cancelled_at', None)), _connector='OR'), name='placement_order_cancelled_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('completed_at__isnull', False), ('state', 'COMPLETED')), models.Q(models.Q(('state', 'COMPLETED'), _negated=True), ('completed_at', None)), _connector='OR'), name='placement_order_completed_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'CLOSED')), models.Q(models.Q(('state', 'CLOSED'), _negated=True), ('closed_at', None)), _connector='OR'), name='placement_order_closed_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('balance_from', None), ('balance_until', None), ('deposit_fen', 0)), models.Q(('balance_from__gt', models.F('placed_at')), ('balance_until__gt', models.F('balance_from')), ('deposit_fen__gt', 0), ('deposit_fen__lte', models.F('payable_fen')), ('waits_for', 'PRESALE')), _connector='OR'), name='placement_order_deposit_comes_with_its_balance'), models.CheckConstraint(condition=models.Q(models.Q(('deposit_paid_at', None), ('deposit_through', '')), models.Q(('deposit_fen__gt', 0), ('deposit_paid_at__isnull', False), models.Q(('deposit_through', ''), _negated=True)), _connector='OR'), name='placement_order_deposit_paid_has_its_provider'), models.CheckConstraint(condition=models.Q(('deposit_fen', 0), ('paid_at', None), ('deposit_paid_at__isnull', False), _connector='OR'), name='placement_order_balance_never_before_deposit'), models.CheckConstraint(condition=models.Q(('pay_before__gt', models.F('placed_at'))), name='placement_order_deadline_is_ahead')],
            },
        ),
        migrations.CreateModel(
            name='ShopOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shop_orders', to='placement.order')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('state', models.CharField(default='PENDING_PAYMENT', max_length=20)),
                ('fulfilment', models.CharField(max_length=10)),
                ('commission_bp', models.PositiveIntegerField()),
                ('confirm_minutes', models.PositiveIntegerField()),
                ('goods_fen', models.PositiveBigIntegerField()),
                ('discount_fen', models.PositiveBigIntegerField()),
                ('freight_fen', models.PositiveBigIntegerField()),
                ('payable_fen', models.PositiveBigIntegerField()),
                ('placed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('shipped_at', models.DateTimeField(null=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('confirm_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('completed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['shop', 'state', '-placed_at', '-id'], name='placement_shoporder_shop'), models.Index(fields=['shop', '-placed_at', '-id'], name='placement_shoporder_shop_all'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='placement_shoporder_to_confirm')],
                'constraints': [models.UniqueConstraint(fields=('order', 'shop'), name='placement_shoporder_shop_is_there_once'), models.CheckConstraint(condition=models.Q(('state__in', ['PENDING_PAYMENT', 'WAIT_BALANCE', 'PAID', 'WAIT_TEAM', 'TO_SHIP', 'PARTLY_SHIPPED', 'SHIPPED', 'SIGNED', 'COMPLETED', 'CANCELLED', 'CLOSED'])), name='placement_shoporder_state_is_known'), models.CheckConstraint(condition=models.Q(('payable_fen', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('goods_fen'), '-', models.F('discount_fen')), '+', models.F('freight_fen')))), name='placement_shoporder_payable_adds_up'), models.CheckConstraint(condition=models.Q(('commission_bp__lte', 10000)), name='placement_shoporder_commission_is_a_share'), models.CheckConstraint(condition=models.Q(models.Q(('paid_at', None), ('state__in', ('PENDING_PAYMENT', 'WAIT_BALANCE', 'CANCELLED'))), models.Q(models.Q(('state__in', ('PENDING_PAYMENT', 'WAIT_BALANCE', 'CANCELLED')), _negated=True), ('paid_at__isnull', False)), _connector='OR'), name='placement_shoporder_paid_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('confirm_at__isnull', False), ('shipped_at__isnull', False), ('signed_at__isnull', False), ('state__in', ('SIGNED', 'COMPLETED'))), models.Q(models.Q(('state__in', ('SIGNED', 'COMPLETED')), _negated=True), ('confirm_at', None), ('signed_at', None)), _connector='OR'), name='placement_shoporder_signed_has_its_time'), models.CheckConstraint(condition=models.Q(('state', 'SIGNED'), ('next_attempt_at', None), _connector='OR'), name='placement_shoporder_only_signed_ones_wait'), models.CheckConstraint(condition=models.Q(models.Q(('completed_at__isnull', False), ('state', 'COMPLETED')), models.Q(models.Q(('state', 'COMPLETED'), _negated=True), ('completed_at', None)), _connector='OR'), name='placement_shoporder_completed_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'CLOSED')), models.Q(models.Q(('state', 'CLOSED'), _negated=True), ('closed_at', None)), _connector='OR'), name='placement_shoporder_closed_has_its_time')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop_order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='placement.shoporder')),
                ('position', models.PositiveSmallIntegerField()),
                ('sku', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.sku')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('quantity', models.PositiveIntegerField()),
                ('unit_price_fen', models.PositiveBigIntegerField()),
                ('list_price_fen', models.PositiveBigIntegerField()),
                ('activity_reference', models.UUIDField(null=True)),
                ('activity_kind', models.CharField(default='', max_length=10)),
                ('campaign_reference', models.UUIDField(null=True)),
                ('sale_fen', models.PositiveBigIntegerField()),
                ('paid_fen', models.PositiveBigIntegerField()),
                ('deposit_fen', models.PositiveBigIntegerField(default=0)),
                ('freight_fee_fen', models.PositiveBigIntegerField()),
                ('freight_fen', models.PositiveBigIntegerField()),
                ('refunded_quantity', models.PositiveIntegerField(default=0)),
                ('refunded_fen', models.PositiveBigIntegerField(default=0)),
                ('title', models.CharField(max_length=200)),
                ('spec', models.CharField(max_length=200)),
                ('product_class', models.CharField(max_length=20)),
                ('temp_class', models.CharField(max_length=20)),
                ('net_weight_g', models.PositiveBigIntegerField()),
                ('gross_weight_g', models.PositiveBigIntegerField()),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('category_id', models.BigIntegerField()),
                ('origin_county', models.CharField(max_length=6)),
                ('origin_prefecture', models.CharField(default='', max_length=6)),
                ('origin_province', models.CharField(max_length=6)),
                ('pairing', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.regionpairing')),
                ('acted_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['sku'], name='placement_orderline_of_sku'), models.Index(fields=['origin_county'], name='placement_orderline_county'), models.Index(condition=models.Q(('activity_reference__isnull', False)), fields=['activity_reference'], name='placement_orderline_activity'), models.Index(condition=models.Q(('campaign_reference__isnull', False)), fields=['campaign_reference'], name='placement_orderline_campaign')],
                'constraints': [models.UniqueConstraint(fields=('shop_order', 'sku'), name='placement_orderline_sku_is_there_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='placement_orderline_quantity_is_positive'), models.CheckConstraint(condition=models.Q(('sale_fen', django.db.models.expressions.CombinedExpression(models.F('unit_price_fen'), '*', models.F('quantity')))), name='placement_orderline_sale_is_price_times_quantity'), models.CheckConstraint(condition=models.Q(models.Q(('activity_kind', ''), ('activity_reference', None), ('unit_price_fen', models.F('list_price_fen'))), models.Q(('activity_reference__isnull', False), models.Q(('activity_kind', ''), _negated=True)), _connector='OR'), name='placement_orderline_only_activities_change_the_price'), models.CheckConstraint(condition=models.Q(('campaign_reference', None), ('activity_reference__isnull', False), _connector='OR'), name='placement_orderline_campaign_comes_by_its_activity'), models.CheckConstraint(condition=models.Q(('paid_fen__lte', models.F('sale_fen'))), name='placement_orderline_paid_within_sale'), models.CheckConstraint(condition=models.Q(('deposit_fen__lte', models.F('paid_fen'))), name='placement_orderline_deposit_within_paid'), models.CheckConstraint(condition=models.Q(('freight_fen__lte', models.F('freight_fee_fen'))), name='placement_orderline_freight_within_fee'), models.CheckConstraint(condition=models.Q(('refunded_quantity__lte', models.F('quantity')), ('refunded_fen__lte', django.db.models.expressions.CombinedExpression(models.F('paid_fen'), '+', models.F('freight_fen')))), name='placement_orderline_refund_within_paid')],
            },
        ),
        migrations.CreateModel(
            name='LineProgramme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='programmes', to='placement.orderline')),
                ('slug', models.CharField(max_length=60)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('line', 'slug'), name='placement_lineprogramme_is_there_once')],
            },
        ),
        migrations.CreateModel(
            name='LineSection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='placement.orderline')),
                ('section', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sections.section')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('line', 'section'), name='placement_linesection_is_there_once')],
            },
        ),
        migrations.CreateModel(
            name='LineDiscount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='discounts', to='placement.orderline')),
                ('kind', models.CharField(max_length=20)),
                ('coupon_reference', models.UUIDField(null=True)),
                ('batch', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponbatch')),
                ('reduction', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reductions.shopreduction')),
                ('funder', models.CharField(max_length=12)),
                ('budget_reference', models.UUIDField(null=True)),
                ('amount_fen', models.PositiveBigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['coupon_reference'], name='placement_linediscount_coupon'), models.Index(condition=models.Q(('reduction__isnull', False)), fields=['reduction'], name='placement_linediscount_reduced')],
                'constraints': [models.UniqueConstraint(fields=('line', 'kind', 'funder'), name='placement_linediscount_funder_is_there_once'), models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('coupon_reference', None), ('kind', 'SHOP_REDUCTION'), ('reduction__isnull', False)), models.Q(('batch', None), ('coupon_reference', None), ('kind', 'DEPOSIT_WORTH'), ('reduction', None)), models.Q(('batch__isnull', False), ('coupon_reference__isnull', False), ('kind__in', ('SHOP_COUPON', 'PLATFORM_COUPON', 'SHOP_FREIGHT', 'PLATFORM_FREIGHT')), ('reduction', None)), _connector='OR'), name='placement_linediscount_source_fits_the_kind'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('DEPOSIT_WORTH', 'SHOP_REDUCTION', 'SHOP_COUPON', 'SHOP_FREIGHT')), _negated=True), ('funder', 'SHOP'), _connector='OR'), name='placement_linediscount_shops_bear_their_own'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='placement_linediscount_amount_is_positive'), models.CheckConstraint(condition=models.Q(models.Q(('budget_reference__isnull', False), ('funder__in', ('PLATFORM', 'GOVERNMENT', 'PARTNER'))), models.Q(models.Q(('funder__in', ('PLATFORM', 'GOVERNMENT', 'PARTNER')), _negated=True), ('budget_reference', None)), _connector='OR'), name='placement_linediscount_budget_pays_its_own_part')],
            },
        ),
    ]
