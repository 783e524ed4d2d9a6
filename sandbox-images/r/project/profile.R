local({
  library <- Sys.getenv("R_LIBS_USER")
  if (nzchar(library) && (dir.exists(library) || dir.create(library, recursive = TRUE, showWarnings = FALSE))) .libPaths(library)
  options(repos = c(CRAN = "https://cloud.r-project.org"))
})
