"""Tells a person by mail, by a program, by a webhook; and beats for a monitor outside."""
