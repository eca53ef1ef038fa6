"""What every run needs: the processes, the questions, the clock and the sums."""
