"""Files that people hand in: photos, licences, evidence."""
