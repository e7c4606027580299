"""Rows whose number the plan fixes: of members themselves, of quotas, of the app's settings; and who leaves a root."""
