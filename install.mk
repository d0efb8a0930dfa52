# Installation; included by the Makefile. The paths are chosen here, once: they are written into what
# is installed, and nothing at run time changes them. "make install" is for this machine or, with
# DESTDIR, for a package; it makes nothing active but the hooks, which do nothing without services.

prefix ?= /usr
sbindir ?= $(prefix)/sbin
libdir ?= $(prefix)/lib
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/esmd
sysconfdir ?= /etc
localstatedir ?= /var
rundir ?= /run
# Hooks of LSB init scripts (Debian, Devuan); empty: none.
lsbdir ?= /lib/lsb/init-functions.d
# Empty: not installed. For OpenRC: /etc/rc.conf.d. For systemd: $(prefix)/lib/systemd/system.
openrcconfdir ?=
systemdunitdir ?=
# Where the completions of esmctl come from and go.
completions ?= completions
bashcompletiondir ?= $(datadir)/bash-completion/completions
# Debian's zsh looks elsewhere.
zshcompletiondir ?= $(datadir)/zsh/$(if $(wildcard /etc/debian_version),vendor-completions,site-functions)
fishcompletiondir ?= $(datadir)/fish/vendor_completions.d

INSTALL ?= install
INSTALL_DATA ?= $(INSTALL) -m 0644

.PHONY: install uninstall installcheck dist

# The absolute path of Node, as esmd will run it.
node_path = $(shell command -v $(NODE))
lib = $(DESTDIR)$(libdir)/esmd
confdir = $(DESTDIR)$(sysconfdir)
version = $(shell $(NODE) -p 'require("./package.json").version')

# In the tree the scripts have the default paths, so that they run from there; these are replaced.
# Not after a letter: /var/run is no /run.
substitute = sed \
  -e 's|^node=.*|node=$(node_path)|' \
  -e 's|/usr/lib/esmd|$(libdir)/esmd|g' \
  -e 's|/usr/sbin/\(es[a-z]*\)|$(sbindir)/\1|g' \
  -e 's|/etc/init\.d/esm|$(sysconfdir)/init.d/esm|g' \
  -e 's|/etc/esmd|$(sysconfdir)/esmd|g' \
  -e 's|/var/log/esmd|$(localstatedir)/log/esmd|g' \
  -e 's|\([^a-z]\)/run/esm|\1$(rundir)/esm|g' \
  -e 's|-w /run |-w $(rundir) |'

# The same for what is built, where the prefixes stand once, in core/paths.
substitute_module = sed \
  -e 's|^var sysconfdir = .*|var sysconfdir = "$(sysconfdir)";|' \
  -e 's|^var rundir = .*|var rundir = "$(rundir)";|' \
  -e 's|^var localstatedir = .*|var localstatedir = "$(localstatedir)";|'

# The packages that package.json names under dependencies, with all that they need and that npm
# chose for this platform: those that are in the bundle, and those that are installed as they are.
runtime_modules = $(shell $(NODE) -p 'Object.entries(require("./package-lock.json").packages) \
  .filter(([path, entry]) => path && !entry.dev && !entry.devOptional && fs.existsSync(path)) \
  .map(([path]) => path).join(" ")')
separate = %/koffi node_modules/@koromix/% %/systeminformation
separate_modules = $(filter $(separate),$(runtime_modules))
bundled_modules = $(filter-out $(separate),$(runtime_modules))

man_pages = $(wildcard man/*.[1-9])
samples = $(shell cd init.d/samples 2>/dev/null && find * -type f)

# $(call put,FROM,TO,MODE): FROM with its paths replaced. A rename, for init may run TO just now.
define put
@echo '  $(2)'; $(INSTALL) -d '$(dir $(2))' && $(substitute) '$(1)' >'$(2).new' && \
  chmod $(3) '$(2).new' && mv -f '$(2).new' '$(2)'

endef

# $(call drop,FROM,TO): removes TO unless somebody has changed it.
define drop
@if $(substitute) '$(1)' | cmp -s - '$(2)'; then rm -f '$(2)'; fi

endef

man_page_at = $(DESTDIR)$(mandir)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))
# The shell that a file in $(completions) is for, and so its place.
completion_at = $(DESTDIR)$(if $(filter %.bash,$(1)),$(bashcompletiondir)/$(basename $(notdir $(1))),$(if $(filter %.fish,$(1)),$(fishcompletiondir)/$(notdir $(1)),$(zshcompletiondir)/$(notdir $(1))))
completion_files = $(wildcard $(completions)/*.bash $(completions)/*.fish $(completions)/_*)

install: build/.done ## puts everything in place below $(DESTDIR)$(prefix); activates nothing
	@test -n '$(node_path)' || { echo 'Cannot install: there is no $(NODE)' >&2; exit 1; }
	@# The whole folder is built beside the old one and then takes its place: init may start esmd in
	@# between. Copied without its owner, for root will run it.
	@echo '  $(lib)'
	@rm -rf '$(lib).new' '$(lib).old'
	@$(INSTALL) -d '$(lib).new'
	@umask 022; for file in build/bundle/*.js; do \
	  $(substitute_module) "$$file" >"$(lib).new/$${file##*/}" || exit 1; done
	@# Their licenses ask for it.
	@umask 022; for module in $(bundled_modules); do \
	  echo "$${module#node_modules/}"; cat "$$module"/LICEN[CS]E*; echo; done >'$(lib).new/licenses'
	@umask 022; for module in $(separate_modules); do \
	  mkdir -p "$(lib).new/$${module%/*}" && cp -R "$$module" "$(lib).new/$$module" || exit 1; done
	@$(INSTALL_DATA) package.json '$(lib).new/package.json'
	$(call put,init.d/esm-announce,$(lib).new/esm-announce,0755)
	@if [ -e '$(lib)' ]; then mv '$(lib)' '$(lib).old'; fi
	@mv '$(lib).new' '$(lib)'
	@rm -rf '$(lib).old'
	$(call put,init.d/esmd.wrapper.in,$(DESTDIR)$(sbindir)/esmd,0755)
	$(call put,init.d/esmctl.wrapper.in,$(DESTDIR)$(sbindir)/esmctl,0755)
	$(call put,init.d/esm-inittab,$(DESTDIR)$(sbindir)/esm-inittab,0755)
	$(call put,init.d/esm,$(confdir)/init.d/esm,0755)
	$(call put,init.d/esmd.logrotate,$(confdir)/logrotate.d/esmd,0644)
	$(if $(lsbdir),$(call put,init.d/50-esm,$(DESTDIR)$(lsbdir)/50-esm,0644))
	$(if $(openrcconfdir),$(call put,init.d/esm.confd,$(DESTDIR)$(openrcconfdir)/esm.conf,0644))
	$(if $(openrcconfdir),$(call put,init.d/esm.openrc,$(confdir)/init.d/esmd,0755))
	$(if $(systemdunitdir),$(call put,init.d/esmd.service,$(DESTDIR)$(systemdunitdir)/esmd.service,0644))
	$(foreach page,$(man_pages),$(call put,$(page),$(call man_page_at,$(page)),0644))
	$(foreach file,$(completion_files),$(call put,$(file),$(call completion_at,$(file)),0644))
	$(foreach file,$(samples),$(call put,init.d/samples/$(file),$(DESTDIR)$(docdir)/examples/$(file),0644))
	$(foreach file,esm.inittab esm.inittab.busybox,$(call put,init.d/$(file),$(DESTDIR)$(docdir)/examples/$(file),0644))
	$(INSTALL) -d -m 0755 '$(confdir)/esmd' '$(confdir)/esmd/services'
	$(INSTALL) -d -m 0750 '$(DESTDIR)$(localstatedir)/log/esmd'

uninstall: ## removes what install put there; configuration and logs stay
	@if grep -qs '^[^#].*$(sbindir)/esmd' '$(confdir)/inittab'; then \
	  echo 'Cannot uninstall: $(confdir)/inittab still runs esmd; "$(sbindir)/esm-inittab remove" and "telinit q" first' >&2; exit 1; fi
	rm -rf '$(lib)'
	rm -f '$(DESTDIR)$(sbindir)/esmd' '$(DESTDIR)$(sbindir)/esmctl' '$(DESTDIR)$(sbindir)/esm-inittab'
	rm -f '$(confdir)/init.d/esm'
	$(call drop,init.d/esmd.logrotate,$(confdir)/logrotate.d/esmd)
	$(if $(lsbdir),rm -f '$(DESTDIR)$(lsbdir)/50-esm')
	$(if $(openrcconfdir),rm -f '$(confdir)/init.d/esmd')
	$(if $(openrcconfdir),$(call drop,init.d/esm.confd,$(DESTDIR)$(openrcconfdir)/esm.conf))
	$(if $(systemdunitdir),rm -f '$(DESTDIR)$(systemdunitdir)/esmd.service')
	rm -f $(foreach page,$(man_pages),'$(call man_page_at,$(page))') \
	  $(foreach file,$(completion_files),'$(call completion_at,$(file))')
	rm -rf '$(DESTDIR)$(docdir)/examples'
	-rmdir '$(DESTDIR)$(docdir)' 2>/dev/null

installcheck: ## asks the installed programs for their versions
	@# Below DESTDIR the wrappers lead to where the package will be; here, to where it is.
	sed 's|^main=|main=$(DESTDIR)|' '$(DESTDIR)$(sbindir)/esmd' | sh -s -- --version
	sed 's|^main=|main=$(DESTDIR)|' '$(DESTDIR)$(sbindir)/esmctl' | sh -s -- --version
	@# LSB: 0 esmd runs, 1 to 3 it does not.
	'$(confdir)/init.d/esm' status || test $$? -le 3

dist: ## a source archive of the last commit
	mkdir -p dist
	git archive --format=tar.gz --prefix='esmd-$(version)/' -o 'dist/esmd-$(version).tar.gz' HEAD
