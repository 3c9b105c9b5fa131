import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Waybill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender_reference', models.UUIDField(unique=True)),
                ('number', models.CharField(max_length=40, unique=True)),
                ('booked_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('waybill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='sandbox_carrier.waybill')),
                ('event_id', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('code', models.CharField(max_length=2)),
                ('happens_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['due_at', 'id'], name='sandbox_carrier_scan_due')],
            },
        ),
    ]
