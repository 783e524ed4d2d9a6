module Main where

import qualified Data.Map as Map
import Greeting (greet)

main :: IO ()
main = do
  names <- lines <$> getContents
  mapM_ (putStrLn . greet) names
  putStrLn (show (Map.size (Map.fromList (zip names names))) ++ " names")
