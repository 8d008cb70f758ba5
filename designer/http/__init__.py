"""What the designer says over HTTP: one blueprint a noun, thin."""
