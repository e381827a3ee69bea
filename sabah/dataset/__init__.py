"""The dataset as one hands it on: exports in the formats others read, and a report to look at."""
