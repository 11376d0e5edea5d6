"""What a repair is trained on."""
