"""What an operator sets: frozen values, the models that check them, and where a mistake stands."""
