module greeting
  implicit none
contains
  function greet(name) result(text)
    character(len=*), intent(in) :: name
    character(len=:), allocatable :: text
    text = 'Grüße, ' // name
  end function greet
end module greeting
