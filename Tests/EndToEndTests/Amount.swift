import Values

/// The exact decimal: Foundation has a type of the same name.
typealias Amount = Decimal
