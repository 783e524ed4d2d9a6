# For login shells, which is what terminals are.
case $- in
  *i*)
    alias ls='ls --color=auto' grep='grep --color=auto'
    if [ -n "$BASH_VERSION" ]; then
      # A virtual environment that has just been made is found at once.
      set +h
      # Installers write there, and a login shell would not read it.
      if [ -f ~/.bashrc ] && [ ! -f ~/.profile ] && [ ! -f ~/.bash_profile ]; then . ~/.bashrc; fi
    fi
    ;;
esac
