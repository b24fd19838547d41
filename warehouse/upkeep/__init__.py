"""What makes a warehouse again, or looks whether it is whole: it uses all the others."""
