import core.accounts.sealing
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('uploads', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Shop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('FARMER', 'Farmer selling own produce|自产自销农户'), ('HOUSEHOLD', 'Family farm|家庭农场'), ('COOPERATIVE', 'Cooperative|农民专业合作社'), ('SOLE_TRADER', 'Sole trader|个体工商户'), ('COMPANY', 'Company|企业')], max_length=12)),
                ('region', models.CharField(max_length=6)),
                ('intro', models.CharField(blank=True, default='', max_length=500)),
                ('state', models.CharField(choices=[('DRAFT', 'Being prepared|准备中'), ('IN_REVIEW', 'In review|审核中'), ('OPEN', 'Open|营业中'), ('REJECTED', 'Sent back|审核未通过'), ('SUSPENDED', 'Suspended|已暂停')], default='DRAFT', editable=False, max_length=10)),
                ('fulfilment', models.CharField(choices=[('PLATFORM', 'The platform arranges pick-up|平台安排揽收'), ('SELF', 'The shop posts its parcels|商家自行发货')], default='PLATFORM', max_length=8)),
                ('commission_bp', models.PositiveIntegerField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('decision_reason', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'submitted_at', 'id'], name='storefronts_shop_by_state')],
                'constraints': [models.UniqueConstraint(fields=('slug',), name='storefronts_shop_slug_names_one_shop'), models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'IN_REVIEW', 'OPEN', 'REJECTED', 'SUSPENDED'])), name='storefronts_shop_state_is_known'), models.CheckConstraint(condition=models.Q(('region__regex', '^[0-9]{6}$')), name='storefronts_shop_region_is_a_code'), models.CheckConstraint(condition=models.Q(('opened_at__isnull', False), models.Q(('state__in', ['OPEN', 'SUSPENDED']), _negated=True), _connector='OR'), name='storefronts_shop_open_has_its_instant'), models.CheckConstraint(condition=models.Q(('submitted_at__isnull', False), ('state', 'DRAFT'), _connector='OR'), name='storefronts_shop_review_has_its_instant'), models.CheckConstraint(condition=models.Q(('commission_bp__lte', 10000)), name='storefronts_shop_commission_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='ShopMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='storefronts.shop')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shop_memberships', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('OWNER', 'Owner|店主'), ('STAFF', 'Staff|店员')], max_length=5)),
                ('joined_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'user'), name='storefronts_shopmember_counts_once'), models.UniqueConstraint(condition=models.Q(('role', 'OWNER')), fields=('shop',), name='storefronts_shopmember_one_owner')],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='licences', to='storefronts.shop')),
                ('kind', models.CharField(choices=[('IDENTITY', 'Identity card|身份证'), ('ORIGIN_DECLARATION', 'Declaration of own produce|自产自销声明'), ('BUSINESS_LICENCE', 'Business licence|营业执照'), ('FOOD_FILING', 'Filing for pre-packaged food|预包装食品备案'), ('FOOD_PERMIT', 'Food-trade permit|食品经营许可证')], max_length=20)),
                ('number', core.accounts.sealing.SealedTextField(blank=True, default='')),
                ('number_index', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('upload', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='uploads.upload')),
                ('valid_from', models.DateField(blank=True, null=True)),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('PENDING', 'Waiting for review|待审核'), ('VALID', 'Valid|有效'), ('EXPIRING', 'Runs out within 30 days|即将到期'), ('EXPIRED', 'Run out|已过期'), ('REVOKED', 'Revoked|已撤销')], default='PENDING', editable=False, max_length=8)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['PENDING', 'VALID', 'EXPIRING']), ('valid_until__isnull', False)), fields=['valid_until'], name='storefronts_licence_by_end'), models.Index(condition=models.Q(('number_index', ''), _negated=True), fields=['kind', 'number_index'], name='storefronts_licence_by_number')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['PENDING', 'VALID', 'EXPIRING', 'EXPIRED', 'REVOKED'])), name='storefronts_licence_state_is_known'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_until__isnull', True), ('valid_from__lt', models.F('valid_until')), _connector='OR'), name='storefronts_licence_window_is_forward'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', False), models.Q(('state__in', ['EXPIRING', 'EXPIRED']), _negated=True), _connector='OR'), name='storefronts_licence_runs_out_only_with_an_end')],
            },
        ),
    ]
