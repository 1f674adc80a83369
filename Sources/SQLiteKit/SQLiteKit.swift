// Module SQLiteKit.
