import django.contrib.postgres.constraints
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_initial'),
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ShopReduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('name', models.CharField(max_length=80)),
                ('state', models.CharField(choices=[('SCHEDULED', 'Scheduled|未开始'), ('RUNNING', 'Running|进行中'), ('ENDED', 'Ended|已结束')], default='SCHEDULED', editable=False, max_length=10)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('allow_on_activity_price', models.BooleanField(default=False)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['shop', '-created_at', '-id'], name='reductions_shopreduction_shop'), models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='reductions_shopreduction_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='reductions_shopreduction_has_a_name'), models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='reductions_shopreduction_window_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ENDED')), models.Q(('ended_at', None), ('state__in', ('SCHEDULED', 'RUNNING'))), _connector='OR'), name='reductions_shopreduction_ended_has_its_instant')],
            },
        ),
        migrations.CreateModel(
            name='ReductionTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reduction', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='reductions.shopreduction')),
                ('threshold_fen', models.BigIntegerField(null=True)),
                ('threshold_pieces', models.IntegerField(null=True)),
                ('amount_fen', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('reduction', 'threshold_fen', 'threshold_pieces'), name='reductions_reductiontier_threshold_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('threshold_fen__isnull', True), ('threshold_pieces__isnull', True), _connector='XOR'), name='reductions_reductiontier_has_one_threshold'), models.CheckConstraint(condition=models.Q(models.Q(('threshold_fen__isnull', True), ('threshold_fen__gt', 0), _connector='OR'), models.Q(('threshold_pieces__isnull', True), ('threshold_pieces__gt', 0), _connector='OR'), ('amount_fen__gt', 0)), name='reductions_reductiontier_figures_are_positive'), models.CheckConstraint(condition=models.Q(('threshold_fen__isnull', True), ('amount_fen__lt', models.F('threshold_fen')), _connector='OR'), name='reductions_reductiontier_takes_less_than_it_asks')],
            },
        ),
        migrations.CreateModel(
            name='ReductionCover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reduction', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='covers', to='reductions.shopreduction')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['shop', 'ends_at'], name='reductions_reductioncover_open')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('ended_at', None)), expressions=[(models.Func(models.F('shop'), models.F('shop'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('product'), models.F('product'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange'), '&&')], name='reductions_reductioncover_one_at_an_instant')],
            },
        ),
    ]
