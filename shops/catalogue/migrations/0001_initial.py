import django.db.models.constraints
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('quotas', '0001_initial'),
        ('storefronts', '0001_initial'),
        ('uploads', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(editable=False, unique=True)),
                ('slug', models.SlugField(max_length=40)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalogue.category')),
                ('path', models.JSONField(default=list)),
                ('name_zh', models.CharField(max_length=40)),
                ('name_en', models.CharField(max_length=60)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('product_classes', models.JSONField(default=list, help_text='Which classes of goods belong here, the usual one first.')),
                ('licence_kind', models.CharField(blank=True, default='', help_text='A paper its sellers need besides.', max_length=20)),
                ('temp_class', models.CharField(choices=[('AMBIENT', 'Ambient|常温'), ('CHILLED', 'Chilled|冷藏'), ('FROZEN', 'Frozen|冷冻')], default='AMBIENT', max_length=8)),
                ('return_class', models.CharField(choices=[('EXCLUDED', 'No return without a reason|不支持七天无理由退货'), ('EXCLUDED_IF_CONFIRMED', 'No return once the buyer has agreed|经买家确认后不支持七天无理由退货'), ('ALLOWED', 'Seven-day return|支持七天无理由退货')], default='EXCLUDED', max_length=24)),
                ('auto_confirm_hours', models.PositiveIntegerField(default=168)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('slug',), name='catalogue_category_slug_once'), models.CheckConstraint(condition=models.Q(('temp_class__in', ['AMBIENT', 'CHILLED', 'FROZEN'])), name='catalogue_category_temp_class_is_known'), models.CheckConstraint(condition=models.Q(('return_class__in', ['EXCLUDED', 'EXCLUDED_IF_CONFIRMED', 'ALLOWED'])), name='catalogue_category_return_class_is_known'), models.CheckConstraint(condition=models.Q(('auto_confirm_hours__gte', 1)), name='catalogue_category_confirms_after_a_while')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='storefronts.shop')),
                ('title', models.CharField(max_length=60)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalogue.category')),
                ('description', models.TextField(blank=True, default='', max_length=5000)),
                ('product_class', models.CharField(choices=[('RAW_PRODUCE', 'Raw produce|初级农产品'), ('PREPACKAGED', 'Pre-packaged food|预包装食品'), ('PROCESSED', 'Bulk or processed food|散装或加工食品'), ('HANDICRAFT', 'Handicraft|手工艺品')], max_length=12)),
                ('temp_class', models.CharField(choices=[('AMBIENT', 'Ambient|常温'), ('CHILLED', 'Chilled|冷藏'), ('FROZEN', 'Frozen|冷冻')], max_length=8)),
                ('shelf_life_days', models.PositiveIntegerField(blank=True, null=True)),
                ('origin_county', models.CharField(max_length=6)),
                ('origin_prefecture', models.CharField(blank=True, default='', max_length=6)),
                ('origin_province', models.CharField(max_length=6)),
                ('freight_template', models.UUIDField(blank=True, null=True)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft|草稿'), ('PUBLISHED', 'On sale|在售'), ('WITHDRAWN', 'Withdrawn|已下架')], default='DRAFT', editable=False, max_length=10)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['shop', '-created_at', '-id'], name='catalogue_product_of_shop')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'PUBLISHED', 'WITHDRAWN'])), name='catalogue_product_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('state', 'DRAFT')), models.Q(models.Q(('state', 'DRAFT'), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='catalogue_product_published_has_its_instant'), models.CheckConstraint(condition=models.Q(('product_class__in', ['RAW_PRODUCE', 'PREPACKAGED', 'PROCESSED', 'HANDICRAFT'])), name='catalogue_product_class_is_known'), models.CheckConstraint(condition=models.Q(('temp_class__in', ['AMBIENT', 'CHILLED', 'FROZEN'])), name='catalogue_product_temp_class_is_known'), models.CheckConstraint(condition=models.Q(('origin_county__regex', '^[0-9]{6}$'), ('origin_province__regex', '^[0-9]{2}0000$')), name='catalogue_product_origin_is_a_code'), models.CheckConstraint(condition=models.Q(('shelf_life_days__isnull', True), ('shelf_life_days__gte', 1), _connector='OR'), name='catalogue_product_keeps_a_while'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='catalogue_product_has_a_title')],
            },
        ),
        migrations.CreateModel(
            name='ProductPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='catalogue.product')),
                ('upload', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='uploads.upload')),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('product', 'position'), name='catalogue_productphoto_place_once')],
            },
        ),
        migrations.CreateModel(
            name='ProductCard',
            fields=[
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='card', serialize=False, to='catalogue.product')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category')),
                ('origin_county', models.CharField(max_length=6)),
                ('origin_prefecture', models.CharField(blank=True, default='', max_length=6)),
                ('origin_province', models.CharField(max_length=6)),
                ('price_from_fen', models.BigIntegerField()),
                ('sold', models.BigIntegerField(default=0)),
                ('in_stock', models.BooleanField(default=True)),
                ('is_listed', models.BooleanField(default=True)),
                ('published_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField()),
                ('body', models.JSONField()),
                ('detail', models.JSONField(default=dict)),
                ('promotions', models.JSONField(default=list)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_listed', True)), fields=['-published_at', '-product'], name='catalogue_card_newest'), models.Index(condition=models.Q(('is_listed', True)), fields=['price_from_fen', 'product'], name='catalogue_card_cheapest'), models.Index(condition=models.Q(('is_listed', True)), fields=['-sold', '-product'], name='catalogue_card_most_sold'), models.Index(fields=['shop', '-published_at', '-product'], name='catalogue_card_of_shop'), models.Index(condition=models.Q(('is_listed', True)), fields=['category', '-published_at', '-product'], name='catalogue_card_of_category'), models.Index(condition=models.Q(('is_listed', True)), fields=['origin_county', '-published_at', '-product'], name='catalogue_card_of_county'), models.Index(condition=models.Q(('promotions', []), _negated=True), fields=['product'], name='catalogue_card_promoted')],
                'constraints': [models.CheckConstraint(condition=models.Q(('sold__gte', 0)), name='catalogue_productcard_sold_is_never_negative')],
            },
        ),
        migrations.CreateModel(
            name='Sku',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skus', to='catalogue.product')),
                ('spec', models.CharField(max_length=60)),
                ('price_fen', models.BigIntegerField()),
                ('net_weight_g', models.BigIntegerField()),
                ('gross_weight_g', models.BigIntegerField()),
                ('stock_quota', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='quotas.quota')),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('product', 'spec'), name='catalogue_sku_spec_once'), models.CheckConstraint(condition=models.Q(('price_fen__gte', 1), ('price_fen__lte', 10000000000000)), name='catalogue_sku_price_is_positive'), models.CheckConstraint(condition=models.Q(('net_weight_g__gte', 1)), name='catalogue_sku_weighs_something'), models.CheckConstraint(condition=models.Q(('gross_weight_g__gte', models.F('net_weight_g'))), name='catalogue_sku_gross_covers_net')],
            },
        ),
        migrations.CreateModel(
            name='StockAdjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='catalogue.sku')),
                ('change', models.BigIntegerField()),
                ('reason', models.CharField(max_length=200)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('change', 0), _negated=True), name='catalogue_stockadjustment_changes_something'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='catalogue_stockadjustment_has_a_reason')],
            },
        ),
    ]
