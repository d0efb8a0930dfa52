# What the suites need from Debian; included by the Makefile. Programs are installed, if they are
# missing. The packages that private machines are made of are only downloaded, to .cache.

.PHONY: apt-packages

apt-packages: .cache/debs/machine/.done ## installs the programs that the suites need, with apt-get
	@sh test/init/lib/programs.sh

.cache/debs/machine/.done: test/init/lib/machine-packages
	@rm -f $@
	@sh test/init/lib/debs.sh $(CURDIR)/$(@D) $$(cat $<)
