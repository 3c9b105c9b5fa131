import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('storefronts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DispatchHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('region', models.CharField(max_length=6)),
                ('kind', models.CharField(choices=[('NO_SHIP', 'Nothing is sent|暂停收发'), ('DELAY', 'Sent, but later|延迟发货')], max_length=7)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('SET', 'Set|已设置'), ('LIFTED', 'Lifted|已解除')], default='SET', max_length=6)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'SET')), fields=['region'], name='freight_dispatchhold_of_region')],
                'constraints': [models.CheckConstraint(condition=models.Q(('region__regex', '^[0-9]{6}$')), name='freight_dispatchhold_region_is_a_code'), models.CheckConstraint(condition=models.Q(('kind__in', ['NO_SHIP', 'DELAY'])), name='freight_dispatchhold_kind_is_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='freight_dispatchhold_is_explained'), models.CheckConstraint(condition=models.Q(('ends_at', None), ('starts_at__lt', models.F('ends_at')), _connector='OR'), name='freight_dispatchhold_window_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('state', 'SET')), models.Q(('lifted_at__isnull', False), ('state', 'LIFTED')), _connector='OR'), name='freight_dispatchhold_lifted_has_its_instant')],
            },
        ),
        migrations.CreateModel(
            name='FreightTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('name', models.CharField(max_length=40)),
                ('charge_by', models.CharField(choices=[('WEIGHT', 'By gross weight|按重量'), ('PIECE', 'By the piece|按件数')], max_length=6)),
                ('mode', models.CharField(choices=[('FREE', 'Free shipping|包邮'), ('CONDITIONAL', 'Free on conditions|条件包邮'), ('PAID', 'Charged|买家付运费')], max_length=11)),
                ('no_ship_regions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None)),
                ('promise_hours', models.PositiveSmallIntegerField(default=48)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'name'), name='freight_freighttemplate_name_once_per_shop'), models.CheckConstraint(condition=models.Q(('charge_by__in', ['WEIGHT', 'PIECE'])), name='freight_freighttemplate_counts_weight_or_pieces'), models.CheckConstraint(condition=models.Q(('mode__in', ['FREE', 'CONDITIONAL', 'PAID'])), name='freight_freighttemplate_mode_is_known'), models.CheckConstraint(condition=models.Q(('promise_hours__gte', 1)), name='freight_freighttemplate_promises_a_time')],
            },
        ),
        migrations.CreateModel(
            name='FreightRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='freight.freighttemplate')),
                ('position', models.PositiveSmallIntegerField()),
                ('regions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None)),
                ('first_unit', models.BigIntegerField()),
                ('first_fee_fen', models.BigIntegerField()),
                ('add_unit', models.BigIntegerField()),
                ('add_fee_fen', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('regions', [])), fields=('template',), name='freight_freightrule_one_default'), models.CheckConstraint(condition=models.Q(('add_unit__gte', 1), ('first_unit__gte', 1)), name='freight_freightrule_counts_in_units'), models.CheckConstraint(condition=models.Q(('add_fee_fen__gte', 0), ('first_fee_fen__gte', 0)), name='freight_freightrule_fees_are_never_negative')],
            },
        ),
        migrations.CreateModel(
            name='FreightFreeRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='free_rules', to='freight.freighttemplate')),
                ('position', models.PositiveSmallIntegerField()),
                ('regions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None)),
                ('min_pieces', models.BigIntegerField(blank=True, null=True)),
                ('min_weight_g', models.BigIntegerField(blank=True, null=True)),
                ('min_amount_fen', models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('min_pieces__gte', 1), ('min_pieces__isnull', False)), models.Q(('min_weight_g__gte', 1), ('min_weight_g__isnull', False)), models.Q(('min_amount_fen__gte', 1), ('min_amount_fen__isnull', False)), _connector='OR'), name='freight_freightfreerule_has_a_condition')],
            },
        ),
    ]
