"""How a thousand trainings run at once: programs, compiled and loaded, and the reference that Keras's fit is."""
