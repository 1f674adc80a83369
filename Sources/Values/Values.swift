// Module Values.
