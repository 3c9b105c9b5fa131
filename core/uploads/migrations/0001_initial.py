import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('purpose', models.CharField(choices=[('PHOTO', 'Photo|照片'), ('LICENCE', 'Licence|证照'), ('EVIDENCE', 'Evidence|凭证')], max_length=8)),
                ('media_type', models.CharField(max_length=20)),
                ('path', models.CharField(max_length=120)),
                ('thumb_path', models.CharField(blank=True, default='', max_length=120)),
                ('size_bytes', models.PositiveIntegerField()),
                ('uploaded_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('claimed_at__isnull', True)), fields=['expires_at'], name='uploads_upload_unclaimed')],
                'constraints': [models.CheckConstraint(condition=models.Q(('claimed_at__isnull', True), ('claimed_at__lt', models.F('expires_at')), _connector='OR'), name='uploads_upload_is_claimed_in_time'), models.CheckConstraint(condition=models.Q(('uploaded_at__lt', models.F('expires_at'))), name='uploads_upload_window_is_forward')],
            },
        ),
    ]
