/*
The pairs, each with Who, the finding that it lies behind, in the same order.
*/
SELECT *
FROM pairs
ORDER BY ALL
