//! Tier 2: looking for a run that shows a defect.
