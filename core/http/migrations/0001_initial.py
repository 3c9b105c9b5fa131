from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=255)),
                ('address', models.CharField(max_length=300)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('body', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='http_answer_by_age')],
                'constraints': [models.UniqueConstraint(fields=('caller', 'key'), name='http_answer_once_per_key'), models.CheckConstraint(condition=models.Q(('status__gte', 200), ('status__lt', 300)), name='http_answer_is_a_success')],
            },
        ),
    ]
