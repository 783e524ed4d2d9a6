program main
  use greeting
  implicit none
  character(len=64) :: name
  integer :: count, status

  count = 0
  do
    read (*, '(a)', iostat=status) name
    if (status /= 0) exit
    print '(a)', greet(trim(name))
    count = count + 1
  end do
  print '(i0, a)', count, ' names'
end program main
