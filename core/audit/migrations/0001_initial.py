import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StateLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('action', models.CharField(max_length=40)),
                ('from_state', models.CharField(max_length=40)),
                ('to_state', models.CharField(max_length=40)),
                ('reason', models.CharField(default='', max_length=500)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['subject', 'subject_id', 'at'], name='audit_statelog_life')],
                'constraints': [models.CheckConstraint(condition=models.Q(('on_behalf_of', None), ('actor__isnull', False), _connector='OR'), name='audit_statelog_nobody_acts_for_somebody')],
            },
        ),
    ]
