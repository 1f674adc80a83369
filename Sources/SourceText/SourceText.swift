// Module SourceText.
