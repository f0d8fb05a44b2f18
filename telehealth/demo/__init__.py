"""The invented demo: places of Thái Nguyên, their staff, sixty patients with histories. Loaded through the real records."""

from telehealth.demo.loading import NotEmpty, load
from telehealth.demo.staff import PASSWORD, STAFF

__all__ = ["PASSWORD", "STAFF", "NotEmpty", "load"]
