import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('activities', '0001_initial'),
        ('catalogue', '0001_initial'),
        ('coupons', '0001_initial'),
        ('sections', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('FESTIVAL', 'Shopping festival|购物节'), ('SEASON', 'Harvest season|应季上新'), ('AID', 'For a region or a programme|助农专场'), ('DAILY', 'Promotion of the day|日常促销')], max_length=10)),
                ('state', models.CharField(choices=[('DRAFT', 'Being prepared|准备中'), ('SCHEDULED', 'Scheduled|已排期'), ('PREHEAT', 'Announced|预热中'), ('RUNNING', 'Running|进行中'), ('PAUSED', 'Paused|已暂停'), ('ENDED', 'Ended|已结束'), ('CANCELLED', 'Cancelled|已取消')], default='DRAFT', editable=False, max_length=10)),
                ('name', models.CharField(max_length=40)),
                ('name_en', models.CharField(blank=True, default='', max_length=60)),
                ('intro', models.CharField(blank=True, default='', max_length=500)),
                ('intro_en', models.CharField(blank=True, default='', max_length=500)),
                ('section', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sections.section')),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coupons.couponbudget')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('enrol_from', models.DateTimeField()),
                ('enrol_until', models.DateTimeField()),
                ('preheats_at', models.DateTimeField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['starts_at', 'id'], name='campaigns_campaign_calendar'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='campaigns_campaign_due')],
                'constraints': [models.UniqueConstraint(fields=('slug',), name='campaigns_campaign_slug_once'), models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='campaigns_campaign_slug_is_plain'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='campaigns_campaign_has_a_name'), models.CheckConstraint(condition=models.Q(('kind__in', ['FESTIVAL', 'SEASON', 'AID', 'DAILY'])), name='campaigns_campaign_kind_is_known'), models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'SCHEDULED', 'PREHEAT', 'RUNNING', 'PAUSED', 'ENDED', 'CANCELLED'])), name='campaigns_campaign_state_is_known'), models.CheckConstraint(condition=models.Q(('preheats_at__lte', models.F('starts_at')), ('starts_at__lt', models.F('ends_at'))), name='campaigns_campaign_window_is_forward'), models.CheckConstraint(condition=models.Q(('enrol_from__lt', models.F('enrol_until')), ('enrol_until__lte', models.F('ends_at'))), name='campaigns_campaign_enrolment_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('over_at__isnull', False), ('state__in', ('ENDED', 'CANCELLED'))), models.Q(models.Q(('state__in', ('ENDED', 'CANCELLED')), _negated=True), ('over_at', None)), _connector='OR'), name='campaigns_campaign_over_has_its_instant'), models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at__isnull', False), ('state__in', ('SCHEDULED', 'PREHEAT', 'RUNNING', 'PAUSED'))), models.Q(models.Q(('state__in', ('SCHEDULED', 'PREHEAT', 'RUNNING', 'PAUSED')), _negated=True), ('next_attempt_at', None)), _connector='OR'), name='campaigns_campaign_is_never_forgotten')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='campaigns.campaign')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.sku')),
                ('state', models.CharField(choices=[('SUBMITTED', 'Submitted|待审核'), ('APPROVED', 'Approved|已通过'), ('REJECTED', 'Rejected|已驳回'), ('WITHDRAWN', 'Withdrawn|已撤回')], default='SUBMITTED', editable=False, max_length=10)),
                ('price_fen', models.BigIntegerField()),
                ('quantity', models.BigIntegerField()),
                ('per_user_limit', models.PositiveIntegerField(null=True)),
                ('activity', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrolment', to='activities.activity')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['shop', '-id'], name='campaigns_enrolment_of_shop'), models.Index(fields=['campaign', 'state', 'id'], name='campaigns_enrolment_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('SUBMITTED', 'APPROVED'))), fields=('campaign', 'sku'), name='campaigns_enrolment_sku_once'), models.CheckConstraint(condition=models.Q(('state__in', ['SUBMITTED', 'APPROVED', 'REJECTED', 'WITHDRAWN'])), name='campaigns_enrolment_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('activity__isnull', False), ('state', 'APPROVED')), models.Q(models.Q(('state', 'APPROVED'), _negated=True), ('activity', None)), _connector='OR'), name='campaigns_enrolment_approved_has_its_activity'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'SUBMITTED')), models.Q(models.Q(('state', 'SUBMITTED'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='campaigns_enrolment_decided_has_its_instant'), models.CheckConstraint(condition=models.Q(('price_fen__gte', 1), ('quantity__gte', 1), models.Q(('per_user_limit', None), ('per_user_limit__gte', 1), _connector='OR')), name='campaigns_enrolment_figures_are_positive')],
            },
        ),
    ]
