"""What the subcommands of ``haresreid search`` do. Each module imports what it needs, so a command imports one."""
