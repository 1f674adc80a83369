// Module Plans.
