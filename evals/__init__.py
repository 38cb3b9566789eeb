"""Scripted evaluation: cases, metrics, the runner, the report and its floors."""
