import core.accounts.sealing
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('username', models.CharField(blank=True, max_length=150, null=True, unique=True)),
                ('name', models.CharField(blank=True, default='', max_length=60)),
                ('phone', core.accounts.sealing.SealedTextField(blank=True, null=True)),
                ('phone_index', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(null=True)),
                ('console_turn', models.PositiveIntegerField(db_default=0, default=0)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('phone__isnull', True), ('phone_index__isnull', True)), models.Q(('phone__isnull', False), ('phone_index__isnull', False)), _connector='OR'), name='accounts_user_phone_has_its_index')],
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to=settings.AUTH_USER_MODEL)),
                ('recipient', core.accounts.sealing.SealedTextField()),
                ('phone', core.accounts.sealing.SealedTextField()),
                ('region', models.CharField(max_length=6)),
                ('street', core.accounts.sealing.SealedTextField()),
                ('is_default', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('user',), name='accounts_address_one_default_per_user'), models.CheckConstraint(condition=models.Q(('region__regex', '^[0-9]{6}$')), name='accounts_address_region_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_index', models.CharField(max_length=64, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('counted_from', models.DateTimeField()),
                ('counted', models.PositiveSmallIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['sent_at'], name='accounts_phonecode_by_sending')],
                'constraints': [models.CheckConstraint(condition=models.Q(('sent_at__lt', models.F('expires_at'))), name='accounts_phonecode_window_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='CodeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('sent', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_factors', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('OFFERED', 'Offered|待确认'), ('ACTIVE', 'Active|已启用'), ('REMOVED', 'Removed|已移除')], max_length=8)),
                ('secret', core.accounts.sealing.SealedTextField(null=True)),
                ('last_step', models.BigIntegerField(default=0)),
                ('offered_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'REMOVED'), _negated=True), fields=('user',), name='accounts_secondfactor_one_per_user'), models.CheckConstraint(condition=models.Q(models.Q(('secret__isnull', True), ('state', 'REMOVED')), models.Q(models.Q(('state', 'REMOVED'), _negated=True), ('secret__isnull', False)), _connector='OR'), name='accounts_secondfactor_secret_ends_with_it'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ACTIVE'), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='accounts_secondfactor_active_was_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to='accounts.secondfactor')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SignInCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ACCOUNT', 'Account|账户'), ('ADDRESS', 'Address|网络地址')], max_length=7)),
                ('key', models.CharField(max_length=64)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('address', models.CharField(default='', max_length=64)),
                ('state', models.CharField(choices=[('COUNTING', 'Counting|计数中'), ('LOCKED', 'Locked|已锁定')], max_length=8)),
                ('failures', models.PositiveSmallIntegerField()),
                ('counted_from', models.DateTimeField()),
                ('locked_until', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['counted_from'], name='accounts_signincount_by_age')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='accounts_signincount_counted_once'), models.CheckConstraint(condition=models.Q(models.Q(('locked_until__isnull', False), ('state', 'LOCKED')), models.Q(('locked_until__isnull', True), ('state', 'COUNTING')), _connector='OR'), name='accounts_signincount_lock_has_its_end'), models.CheckConstraint(condition=models.Q(('locked_until__isnull', True), ('locked_until__gt', models.F('counted_from')), _connector='OR'), name='accounts_signincount_lock_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_given', to=settings.AUTH_USER_MODEL)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_held', to=settings.AUTH_USER_MODEL)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('LIST', 'List products|代上架'), ('PRICE', 'Set prices|代定价'), ('SHIP', 'Ship orders|代发货'), ('AFTER_SALE', 'Answer after-sales|代处理售后'), ('BUY', 'Buy|代购')], max_length=12), size=None)),
                ('valid_from', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('revoked_at__isnull', True)), fields=['agent', 'principal'], name='accounts_mandate_by_agent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('principal', models.F('agent')), _negated=True), name='accounts_mandate_is_for_another'), models.CheckConstraint(condition=models.Q(('valid_from__lt', models.F('valid_until'))), name='accounts_mandate_window_is_forward'), models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['LIST', 'PRICE', 'SHIP', 'AFTER_SALE', 'BUY']), ('scopes__len__gt', 0)), name='accounts_mandate_scopes_are_known')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('region', models.CharField(blank=True, default='', max_length=6)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('region', ''), ('region__regex', '^[0-9]{6}$'), _connector='OR'), name='accounts_organisation_region_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='RoleMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_memberships', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('REVIEWER', 'Reviewer|审核员'), ('CAMPAIGN_MANAGER', 'Campaign manager|活动运营'), ('SECTION_MANAGER', 'Section manager|专区运营'), ('OPERATOR', 'Operator|平台运维'), ('REPORTS', 'Reports|数据报表'), ('PARTNER', "Partner's reviewer|合作方审核员"), ('FUNDER', "Funder's officer|出资方人员")], max_length=20)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation')),
                ('granted_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user', 'role', 'organisation'), name='accounts_rolemembership_held_once_at_a_time', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('granted_at')), _connector='OR'), name='accounts_rolemembership_window_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('ending', models.CharField(choices=[('SIGNED_OUT', 'Signed out|已退出登录'), ('REUSED', 'A refresh token was used twice|刷新凭证被重复使用'), ('WITHDRAWN', 'Ended by the market|被平台终止')], default='', max_length=12)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='accounts_session_by_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ending', ''), ('revoked_at__isnull', True)), models.Q(('revoked_at__isnull', False), models.Q(('ending', ''), _negated=True)), _connector='OR'), name='accounts_session_ending_has_its_instant'), models.CheckConstraint(condition=models.Q(('opened_at__lt', models.F('expires_at'))), name='accounts_session_window_is_forward')],
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='accounts.session')),
                ('kind', models.CharField(choices=[('ACCESS', 'Access|访问凭证'), ('REFRESH', 'Refresh|刷新凭证')], max_length=7)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='accounts_token_by_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind', 'REFRESH'), ('used_at__isnull', True), _connector='OR'), name='accounts_token_only_refresh_is_used_up')],
            },
        ),
    ]
