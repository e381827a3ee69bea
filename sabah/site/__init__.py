"""What is true of Daily Sabah: addresses and sections. Pure: no Scrapy, no I/O."""
