"""Help for the tools: configs, work directories, and what current releases need."""
