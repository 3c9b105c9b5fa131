import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalogue', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RegionalBrand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('county', models.CharField(max_length=6)),
                ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category')),
                ('kind', models.CharField(choices=[('FLAGSHIP', "The county's one flagship|一县一品旗舰品牌"), ('REGIONAL', 'A regional brand|区域公用品牌')], max_length=8)),
                ('name', models.CharField(max_length=40)),
                ('gi_mark', models.CharField(blank=True, default='', max_length=120)),
                ('state', models.CharField(choices=[('ACTIVE', 'In use|使用中'), ('RETIRED', 'Retired|已停用')], default='ACTIVE', editable=False, max_length=7)),
                ('created_at', models.DateTimeField(editable=False)),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['county', 'id'], name='sections_brand_of_county')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'FLAGSHIP'), ('state', 'ACTIVE')), fields=('county',), name='sections_regionalbrand_one_flagship_per_county'), models.CheckConstraint(condition=models.Q(('county__regex', '^[0-9]{6}$')), name='sections_regionalbrand_county_is_a_code'), models.CheckConstraint(condition=models.Q(('kind__in', ['FLAGSHIP', 'REGIONAL'])), name='sections_regionalbrand_kind_is_known'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='sections_regionalbrand_has_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at', None), ('state', 'ACTIVE')), models.Q(('retired_at__isnull', False), ('state', 'RETIRED')), _connector='OR'), name='sections_regionalbrand_retired_has_its_instant')],
            },
        ),
        migrations.CreateModel(
            name='BrandAuthorisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('brand', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='sections.regionalbrand')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('authorised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('authorised_at', models.DateTimeField()),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('brand', 'shop'), name='sections_brandauthorisation_one_at_a_time'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('authorised_at')), _connector='OR'), name='sections_brandauthorisation_window_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='BrandMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.product')),
                ('authorisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='sections.brandauthorisation')),
                ('marked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('marked_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=40)),
                ('name_en', models.CharField(blank=True, default='', max_length=60)),
                ('intro', models.CharField(blank=True, default='', max_length=500)),
                ('position', models.PositiveIntegerField(default=1000)),
                ('kind', models.CharField(choices=[('PLAIN', "The market's own|平台专区"), ('HALL', "A county's hall|县域特色馆"), ('CO_BRANDED', 'With a partner who reviews its goods|联名专区')], default='PLAIN', editable=False, max_length=10)),
                ('partner', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('county', models.CharField(blank=True, default='', editable=False, max_length=6)),
                ('story', models.TextField(blank=True, default='')),
                ('gi_mark', models.CharField(blank=True, default='', max_length=120)),
                ('regions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None)),
                ('programmes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('state', models.CharField(choices=[('DRAFT', 'Being prepared|准备中'), ('SCHEDULED', 'Opens by itself|待开放'), ('OPEN', 'Open|开放中'), ('CLOSED', 'Closed|已关闭')], default='DRAFT', editable=False, max_length=10)),
                ('opens_at', models.DateTimeField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('opened_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('slug',), name='sections_section_slug_once'), models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='sections_section_slug_is_plain'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='sections_section_has_a_name'), models.CheckConstraint(condition=models.Q(('kind__in', ['PLAIN', 'HALL', 'CO_BRANDED'])), name='sections_section_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'PLAIN'), ('partner', None)), models.Q(models.Q(('kind', 'PLAIN'), _negated=True), ('partner__isnull', False)), _connector='OR'), name='sections_section_partner_fits_the_kind'), models.CheckConstraint(condition=models.Q(models.Q(('county__regex', '^[0-9]{6}$'), ('kind', 'HALL'), ('regions__0', models.F('county')), ('regions__len', 1)), models.Q(models.Q(('kind', 'HALL'), _negated=True), ('county', ''), ('gi_mark', ''), ('story', '')), _connector='OR'), name='sections_section_hall_is_of_one_county'), models.UniqueConstraint(condition=models.Q(('kind', 'HALL')), fields=('county',), name='sections_section_one_hall_per_county'), models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'SCHEDULED', 'OPEN', 'CLOSED'])), name='sections_section_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at', None), ('state', 'DRAFT')), models.Q(('opened_at__isnull', False), ('state', 'OPEN')), ('state__in', ['SCHEDULED', 'CLOSED']), _connector='OR'), name='sections_section_open_has_its_instant'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SCHEDULED'), _negated=True), ('opens_at__isnull', False), _connector='OR'), name='sections_section_scheduled_has_its_opening'), models.CheckConstraint(condition=models.Q(('opens_at', None), ('closes_at', None), ('opens_at__lt', models.F('closes_at')), _connector='OR'), name='sections_section_window_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='ExternalListing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listings', to='sections.section')),
                ('platform', models.CharField(max_length=40)),
                ('url', models.CharField(max_length=500)),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('section', 'url'), name='sections_externallisting_url_once'), models.CheckConstraint(condition=models.Q(('url__startswith', 'https://')), name='sections_externallisting_url_is_safe'), models.CheckConstraint(condition=models.Q(('platform', ''), _negated=True), name='sections_externallisting_platform_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='SectionPin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='sections.section')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('position', models.PositiveIntegerField()),
                ('pinned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pinned_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('section', 'product'), name='sections_sectionpin_product_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 100000)), name='sections_sectionpin_position_is_before_the_rule')],
            },
        ),
        migrations.CreateModel(
            name='SectionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('section', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='sections.section')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('state', models.CharField(choices=[('PROPOSED', 'Waits for both sides|待双方审核'), ('PARTNER_APPROVED', 'Waits for the platform|合作方已同意'), ('PLATFORM_APPROVED', 'Waits for the partner|平台已同意'), ('APPROVED', 'Approved by both|已入选'), ('REJECTED', 'Rejected|已拒绝')], default='PROPOSED', editable=False, max_length=17)),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('partner_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner_at', models.DateTimeField(null=True)),
                ('platform_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('platform_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['section', 'state', 'id'], name='sections_sectionitem_waiting')],
                'constraints': [models.UniqueConstraint(fields=('section', 'product'), name='sections_sectionitem_product_once'), models.CheckConstraint(condition=models.Q(('state__in', ['PROPOSED', 'PARTNER_APPROVED', 'PLATFORM_APPROVED', 'APPROVED', 'REJECTED'])), name='sections_sectionitem_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('partner_at__isnull', False), ('state__in', ('PARTNER_APPROVED', 'APPROVED'))), models.Q(models.Q(('state__in', ('PARTNER_APPROVED', 'APPROVED')), _negated=True), ('partner_at', None), ('partner_by', None)), _connector='OR'), name='sections_sectionitem_partner_approval_has_its_instant'), models.CheckConstraint(condition=models.Q(models.Q(('platform_at__isnull', False), ('state__in', ('PLATFORM_APPROVED', 'APPROVED'))), models.Q(models.Q(('state__in', ('PLATFORM_APPROVED', 'APPROVED')), _negated=True), ('platform_at', None), ('platform_by', None)), _connector='OR'), name='sections_sectionitem_platform_approval_has_its_instant'), models.CheckConstraint(condition=models.Q(('partner_by', None), ('platform_by', None), models.Q(('partner_by', models.F('platform_by')), _negated=True), _connector='OR'), name='sections_sectionitem_approved_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='SectionMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='sections.section')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.product')),
                ('rank', models.BigIntegerField()),
                ('is_pinned', models.BooleanField()),
                ('is_shown', models.BooleanField()),
                ('price_from_fen', models.BigIntegerField()),
                ('sold', models.BigIntegerField()),
                ('published_at', models.DateTimeField()),
                ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category')),
                ('origin_county', models.CharField(max_length=6)),
                ('origin_prefecture', models.CharField(blank=True, default='', max_length=6)),
                ('origin_province', models.CharField(max_length=6)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'rank', 'product'], name='sections_member_by_rank'), models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'price_from_fen', 'product'], name='sections_member_by_price'), models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'sold', 'product'], name='sections_member_by_sold'), models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'published_at', 'product'], name='sections_member_by_age'), models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'category', 'rank', 'product'], name='sections_member_of_category'), models.Index(condition=models.Q(('is_shown', True)), fields=['section', 'origin_county', 'rank', 'product'], name='sections_member_of_county')],
                'constraints': [models.UniqueConstraint(fields=('section', 'product'), name='sections_sectionmember_product_once')],
            },
        ),
        migrations.CreateModel(
            name='SectionCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='sections.section')),
                ('origin_county', models.CharField(max_length=6)),
                ('origin_prefecture', models.CharField(blank=True, default='', max_length=6)),
                ('origin_province', models.CharField(max_length=6)),
                ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category')),
                ('members', models.PositiveBigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('section', 'origin_county', 'category'), name='sections_sectioncount_place_once'), models.CheckConstraint(condition=models.Q(('members__gte', 0)), name='sections_sectioncount_is_never_negative')],
            },
        ),
    ]
