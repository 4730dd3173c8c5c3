"""From an approved letter to what became of it: asked once more, handed over, recorded, filed, proven."""
