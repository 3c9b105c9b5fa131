import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('activities', '0001_initial'),
        ('placement', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.activity')),
                ('state', models.CharField(default='OPENING', max_length=10)),
                ('failure', models.CharField(blank=True, default='', max_length=10)),
                ('leader', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('size', models.PositiveSmallIntegerField()),
                ('team_hours', models.PositiveSmallIntegerField()),
                ('virtual_mode', models.CharField(max_length=10)),
                ('virtual_ratio_bp', models.PositiveIntegerField()),
                ('locked', models.SmallIntegerField(default=0)),
                ('paid', models.SmallIntegerField(default=0)),
                ('virtual', models.SmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('called_off_at', models.DateTimeField(null=True)),
                ('succeeded_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'FORMING')), fields=['activity', 'expires_at', 'id'], name='groupbuys_team_forming'), models.Index(fields=['activity', '-created_at', '-id'], name='groupbuys_team_all'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='groupbuys_team_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__range', (2, 100))), name='groupbuys_team_is_a_team'), models.CheckConstraint(condition=models.Q(('locked__gte', 0), ('paid__gte', 0), ('virtual__gte', 0), ('size__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('locked'), '+', models.F('paid')), '+', models.F('virtual')))), name='groupbuys_team_never_overfull'), models.CheckConstraint(condition=models.Q(models.Q(('expires_at', None), ('opened_at', None)), models.Q(('expires_at__gt', models.F('opened_at')), ('opened_at__isnull', False)), _connector='OR'), name='groupbuys_team_opened_has_its_times'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at', None), ('state', 'OPENING')), ('state', 'FAILED'), models.Q(('opened_at__isnull', False), ('state__in', ['FORMING', 'SUCCEEDED'])), _connector='OR'), name='groupbuys_team_forms_once_its_leader_paid'), models.CheckConstraint(condition=models.Q(models.Q(('locked', 0), ('size', django.db.models.expressions.CombinedExpression(models.F('paid'), '+', models.F('virtual'))), ('state', 'SUCCEEDED'), ('succeeded_at__isnull', False)), models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), ('succeeded_at', None), ('virtual', 0)), _connector='OR'), name='groupbuys_team_succeeded_is_full'), models.CheckConstraint(condition=models.Q(models.Q(('failed_at__isnull', False), ('locked', 0), ('state', 'FAILED'), models.Q(('failure', ''), _negated=True)), models.Q(models.Q(('state', 'FAILED'), _negated=True), ('failed_at', None), ('failure', '')), _connector='OR'), name='groupbuys_team_failed_has_its_reason'), models.CheckConstraint(condition=models.Q(('state__in', ('OPENING', 'FORMING')), ('next_attempt_at', None), _connector='OR'), name='groupbuys_team_only_undecided_ones_are_due'), models.CheckConstraint(condition=models.Q(('virtual', 0), models.Q(('paid__gt', 0), ('virtual_mode', 'RATIO'), ('virtual_ratio_bp__range', (1, 10000))), _connector='OR'), name='groupbuys_team_virtual_only_by_opting_in')],
            },
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='groupbuys.team')),
                ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.activity')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='placement.order')),
                ('state', models.CharField(default='LOCKED', max_length=10)),
                ('is_virtual', models.BooleanField(default=False)),
                ('is_open', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['team', 'id'], name='groupbuys_teammember_of_team'), models.Index(fields=['user', '-joined_at', '-id'], name='groupbuys_teammember_of_user')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('activity', 'user'), name='groupbuys_teammember_one_open_team_at_a_time'), models.UniqueConstraint(condition=models.Q(('state__in', ('LOCKED', 'PAID'))), fields=('team', 'user'), name='groupbuys_teammember_one_seat_in_a_team'), models.CheckConstraint(condition=models.Q(models.Q(('is_open', False), ('is_virtual', True), ('order', None), ('state', 'VIRTUAL'), ('user', None)), models.Q(('is_virtual', False), ('order__isnull', False), ('user__isnull', False), models.Q(('state', 'VIRTUAL'), _negated=True)), _connector='OR'), name='groupbuys_teammember_virtual_is_nobody'), models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('state__in', ['PAID', 'REFUNDING', 'REFUNDED'])), models.Q(('paid_at', None), ('state__in', ['LOCKED', 'RELEASED', 'VIRTUAL'])), _connector='OR'), name='groupbuys_teammember_paid_has_its_time'), models.CheckConstraint(condition=models.Q(('is_open', False), ('state__in', ('LOCKED', 'PAID')), _connector='OR'), name='groupbuys_teammember_open_is_seated')],
            },
        ),
        migrations.CreateModel(
            name='GroupTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.activity')),
                ('team_size', models.PositiveSmallIntegerField()),
                ('team_hours', models.PositiveSmallIntegerField()),
                ('virtual_mode', models.CharField(default='NONE', max_length=10)),
                ('virtual_ratio_bp', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('team_size__range', (2, 100))), name='groupbuys_groupterms_team_is_a_team'), models.CheckConstraint(condition=models.Q(('team_hours__range', (1, 240))), name='groupbuys_groupterms_team_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('virtual_mode', 'NONE'), ('virtual_ratio_bp', 0)), models.Q(('virtual_mode', 'RATIO'), ('virtual_ratio_bp__range', (1, 10000))), _connector='OR'), name='groupbuys_groupterms_ratio_belongs_to_its_mode')],
            },
        ),
    ]
