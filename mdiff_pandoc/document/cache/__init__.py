"""What earlier builds found out: answers, blocks and whole pages, in one file for all builds."""
