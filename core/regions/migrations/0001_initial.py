import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='RegionPairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('helper', models.CharField(max_length=6)),
                ('helped', models.CharField(max_length=6)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(null=True)),
                ('priority', models.PositiveSmallIntegerField(default=100)),
                ('reason', models.CharField(max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['helped', 'helper'], name='regions_regionpairing_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('helped__regex', '^[0-9]{6}$'), ('helper__regex', '^[0-9]{6}$')), name='regions_regionpairing_regions_are_codes'), models.CheckConstraint(condition=models.Q(('helper', models.F('helped')), _negated=True), name='regions_regionpairing_is_with_another'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_from__lt', models.F('valid_until')), _connector='OR'), name='regions_regionpairing_window_is_forward'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='regions_regionpairing_is_explained')],
            },
        ),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40)),
                ('name_zh', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=120)),
                ('source', models.TextField()),
                ('region', models.CharField(blank=True, default='', max_length=6)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('slug',), name='regions_programme_slug_once'), models.CheckConstraint(condition=models.Q(('region', ''), ('region__regex', '^[0-9]{6}$'), _connector='OR'), name='regions_programme_region_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='ProgrammeMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='regions.programme')),
                ('region_code', models.CharField(max_length=6)),
                ('valid_from', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('start_is_assumed', models.BooleanField(default=False)),
                ('precision', models.CharField(choices=[('DAY', 'To the day|精确到日'), ('YEAR', 'To the year|精确到年')], max_length=4)),
                ('left_year', models.PositiveSmallIntegerField(null=True)),
                ('listed_code', models.CharField(max_length=6)),
                ('listed_name', models.CharField(max_length=60)),
                ('resolution', models.CharField(choices=[('SAME', 'Code and name agree|代码与名称一致'), ('RENAMED', 'The listed name is older|名称已变更'), ('RECODED', 'The listed code is no longer used|代码已变更'), ('MERGED', 'Merged into another division|已并入其他区划')], max_length=10)),
                ('reason', models.TextField()),
            ],
            options={
                'indexes': [models.Index(fields=['region_code'], name='regions_programmemembership_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_until__isnull', True), ('valid_from__lt', models.F('valid_until')), _connector='OR'), name='regions_programmemembership_window_is_forward'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='regions_programmemembership_is_explained'), models.CheckConstraint(condition=models.Q(('resolution__in', ['SAME', 'RENAMED', 'RECODED', 'MERGED'])), name='regions_programmemembership_resolution_is_known'), models.CheckConstraint(condition=models.Q(('precision__in', ['DAY', 'YEAR'])), name='regions_programmemembership_precision_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6)),
                ('name', models.CharField(max_length=60)),
                ('full_name', models.CharField(max_length=120)),
                ('level', models.CharField(choices=[('PROVINCE', 'Province|省级'), ('PREFECTURE', 'Prefecture|地级'), ('COUNTY', 'County|县级')], max_length=10)),
                ('parent_code', models.CharField(blank=True, default='', max_length=6)),
                ('province_code', models.CharField(max_length=6)),
                ('prefecture_code', models.CharField(blank=True, default='', max_length=6)),
                ('is_place', models.BooleanField(default=False, help_text='Goods may come from here and parcels may go here: nothing lies below.')),
                ('pinyin', models.CharField(max_length=160)),
                ('initials', models.CharField(max_length=40)),
                ('longitude', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('latitude', models.DecimalField(decimal_places=6, max_digits=8, null=True)),
                ('valid_from', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('end_is_assumed', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['parent_code', 'code'], name='regions_region_children')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_until__isnull', True)), fields=('code',), name='regions_region_current_once'), models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{6}$')), name='regions_region_code_is_six_digits'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_until__isnull', True), ('valid_from__lt', models.F('valid_until')), _connector='OR'), name='regions_region_validity_is_forward'), models.CheckConstraint(condition=models.Q(('level__in', ['PROVINCE', 'PREFECTURE', 'COUNTY'])), name='regions_region_level_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='regions_region_coordinates_are_whole'), models.CheckConstraint(condition=models.Q(models.Q(('level', 'PROVINCE'), ('parent_code', '')), models.Q(models.Q(('level', 'PROVINCE'), _negated=True), models.Q(('parent_code', ''), _negated=True)), _connector='OR'), name='regions_region_only_provinces_have_no_parent')],
            },
        ),
    ]
